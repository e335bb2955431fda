"""The page of `fer-keras app` in a real browser; skipped where there is none."""

import io
import shutil
import time
import urllib.request

import numpy as np
import pytest
from PIL import Image

from tests.drawn_photos import BrighterModel, drawn_photo

pytest.importorskip("gradio")
webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs chromium and chromium-driver"
)
TWO = ((0, 120, (20, 60)), (1, 90, (200, 80)))
PATIENCE = 60


@pytest.fixture(scope="module")
def address():
    from fer_keras.page import launch

    _, address, public = launch(BrighterModel(), prevent_thread_lock=True, quiet=True)
    assert public is None and address.startswith("http://127.0.0.1:")
    return address


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    browser.set_window_size(1300, 1400)
    yield browser
    browser.quit()


@pytest.fixture
def page(browser, address):
    return Page(browser, address)


class Page:
    """What a user sees and does."""

    def __init__(self, browser, address):
        self.browser, self.address = browser, address
        browser.get(address)
        self.wait(lambda: self.all("#photo input[type=file]"))

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            result = condition()
            if result:
                return result
            time.sleep(0.1)
        raise AssertionError("waited in vain")

    def upload(self, path):
        self.all("#photo input[type=file]")[0].send_keys(str(path))

    def emotions(self):
        found = self.all("#emotions button[aria-label^=Thumbnail]")
        return found if len(found) == 7 else []

    def slider(self, name):
        return self.all(f'input[aria-label="range slider for {name}"]')[0]

    def after(self):
        """Address of the changed picture."""
        return [image.get_attribute("src") for image in self.all("#both img")][-1]

    def download(self):
        self.all("#make")[0].send_keys(Keys.ENTER)
        link = self.wait(lambda: self.all("#download a[href]"))[0]
        with urllib.request.urlopen(link.get_attribute("href")) as answer:
            return np.asarray(Image.open(io.BytesIO(answer.read()))).astype(int)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    drawn_photo(faces=TWO).save(folder / "two.png")
    drawn_photo().save(folder / "one.png")
    drawn_photo(faces=()).save(folder / "nobody.png")
    (folder / "text.png").write_text("no picture")
    return folder


def test_upload_choose_move_a_slider_and_download(page, files):
    page.upload(files / "one.png")
    page.wait(page.emotions)[3].click()
    page.wait(lambda: page.slider("happy").get_attribute("value") == "1")
    before = page.wait(page.after)
    # By the keyboard alone.
    page.slider("surprise").send_keys(Keys.ARROW_RIGHT * 40)
    page.wait(lambda: page.after() != before)
    assert float(page.slider("surprise").get_attribute("value")) > 0
    changed = page.download() - np.asarray(drawn_photo())
    assert changed.shape == (240, 320, 3) and changed.max() > 20
    assert not changed[:50].any()
    names = page.browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    own = page.browser.execute_script("return location.origin")
    assert all(name.startswith((own, "data:", "blob:")) for name in names)


def test_two_faces_and_two_people_who_use_the_page(page, files):
    page.upload(files / "two.png")
    page.wait(page.emotions)
    second = page.wait(lambda: page.all("#face input"))[1]
    first_tab = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    other = Page(page.browser, page.address)
    other.upload(files / "one.png")
    other.wait(other.emotions)
    page.browser.close()
    page.browser.switch_to.window(first_tab)
    second.click()
    page.wait(page.emotions)[3].click()
    page.wait(lambda: page.slider("happy").get_attribute("value") == "1")
    changed = page.download() - np.asarray(drawn_photo(faces=TWO))
    columns = np.flatnonzero(changed.any(axis=(0, 2)))
    assert columns.min() > 200


@pytest.mark.parametrize(
    "name, told", [("nobody.png", "No face was found"), ("text.png", "not a picture")]
)
def test_files_without_a_face_are_refused_and_the_page_goes_on(page, files, name, told):
    page.upload(files / name)
    page.wait(
        lambda: any(
            told in toast.text for toast in page.all("[data-testid=toast-body]")
        )
    )
    page.browser.refresh()
    page.wait(lambda: page.all("#photo input[type=file]"))
    page.upload(files / "one.png")
    assert page.wait(page.emotions)


def test_a_telephone(page, files):
    page.browser.set_window_size(500, 900)
    try:
        page.upload(files / "one.png")
        page.wait(page.emotions)
        wide, shown = page.browser.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth]"
        )
        assert wide <= shown
    finally:
        page.browser.set_window_size(1300, 1400)


@pytest.mark.slow
def test_forty_eight_megapixels(page, tmp_path):
    drawn_photo().resize((8000, 6000)).save(tmp_path / "large.jpg")
    page.upload(tmp_path / "large.jpg")
    page.wait(page.emotions)[3].click()
    page.wait(lambda: page.slider("happy").get_attribute("value") == "1")
    assert page.download().shape == (6000, 8000, 3)
