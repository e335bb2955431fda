"""A page to play with: a photo in, its faces with other emotions out.

Everything runs on this machine. The page brings its own fonts and scripts, and the
browser is told to load nothing from elsewhere.
"""

import dataclasses
import os
import re
import tempfile
from pathlib import Path
from typing import Any

# Read by Gradio when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr  # noqa: E402
from PIL import Image  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.base import BaseHTTPMiddleware  # noqa: E402
from starlette.responses import Response  # noqa: E402

from fer_keras import synthetic_faces  # noqa: E402
from fer_keras.photo import Photo, transfer_photo  # noqa: E402
from fer_keras.photo.sampling import crop, square_at  # noqa: E402

# Longer side of the photo on the page, and side of its seven small faces, pixels.
_PREVIEW, _SMALL = 800, 160
_LARGEST_FILE = "100mb"
_EXTERNAL = re.compile(
    r'<link[^>]*href="https?://[^>]*>|<script[^>]*src="https?://[^>]*>\s*</script>',
    re.S,
)
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'none'"
)
_STYLE = """
@media (max-width: 640px) {
  #emotions .grid-container { grid-template-columns: repeat(4, 1fr) !important; }
}
"""
_NOTICE = (
    "Everything stays on this machine. Do not show a real person with an expression "
    "that the person did not have without consent and without saying so. Do not judge, "
    "recognise, rank or watch people or their feelings with it."
)


@dataclasses.dataclass(frozen=True, eq=False)
class _Session:
    """A photo that somebody looks at: the file, and a small copy for the page."""

    file: str
    photo: Photo

    @property
    def preview(self) -> Image.Image:
        return self.photo.colours


class _OwnFilesOnly(BaseHTTPMiddleware):
    """Takes out what Gradio's page would fetch from elsewhere, and forbids the rest."""

    async def dispatch(self, request, call_next):
        response = await call_next(request)
        if response.headers.get("content-type", "").startswith("text/html"):
            body = b"".join([part async for part in response.body_iterator])
            page = _EXTERNAL.sub("", body.decode("utf-8"))
            headers = {
                name: value
                for name, value in response.headers.items()
                if name.lower() not in ("content-length", "content-encoding")
            }
            response = Response(page, response.status_code, headers)
        response.headers["content-security-policy"] = _POLICY
        return response


def build_page(model: Any) -> gr.Blocks:
    """Returns the page.

    Args:
        model: As for `fer_keras.photo.transfer_photo`.
    """
    names = list(model.emotions)
    likeness = getattr(model, "likeness", None)

    def opened(file):
        """A new photo: its faces, all emotions of the first, no change yet."""
        if file is None:
            return None, gr.Radio(choices=[], value=None), [], None
        try:
            session = _Session(file, Photo.read(file).reduced(_PREVIEW))
            count = len(session.photo.faces)
            if not count:
                raise ValueError("No face was found in this picture.")
        except ValueError as error:
            raise gr.Error(str(error).replace(file, "This file")) from None
        choices = [(f"Face {number + 1}", number + 1) for number in range(count)]
        faces = gr.Radio(choices=choices, value=1, visible=count > 1)
        preview = session.preview
        return session, faces, _every_emotion(session, 1), (preview, preview)

    def _every_emotion(session, face):
        if session is None or face is None:
            return []
        found = session.photo.faces[face - 1]
        low, high = found.landmarks.min(axis=0), found.landmarks.max(axis=0)
        matrix = square_at((low + high) / 2, 1.5 * (high - low).max(), 0.0, _SMALL)
        return [
            (
                Image.fromarray(
                    crop(
                        transfer_photo(model, session.photo, name, face).photo.colours,
                        matrix,
                        _SMALL,
                    )
                ),
                name,
            )
            for name in names
        ]

    def emotion_of(strength, weights):
        total = sum(weights)
        if not total or not strength:
            return None
        parts = zip(names, weights, strict=True)
        return {name: strength * weight / total for name, weight in parts if weight}

    def asked_likeness(value):
        return {} if likeness is None else {"likeness": value}

    def changed(session, face, strength, kept, *weights):
        if session is None or face is None:
            return None
        emotion = emotion_of(strength, weights)
        before = session.preview
        if emotion is None:
            return before, before
        kept = asked_likeness(kept)
        result = transfer_photo(model, session.photo, emotion, face, **kept)
        return before, result.photo.colours

    def written(session, face, strength, kept, *weights):
        """The photo in its own size, as a file."""
        if session is None or face is None:
            raise gr.Error("Choose a photo first.")
        photo = Photo.read(session.file)
        emotion = emotion_of(strength, weights)
        if emotion is not None:
            kept = asked_likeness(kept)
            photo = transfer_photo(model, photo, emotion, face, **kept).photo
        folder = tempfile.mkdtemp(dir=Path(session.file).parent)
        return str(photo.write(Path(folder) / f"{Path(session.file).stem}-changed.png"))

    def chosen(event: gr.SelectData):
        return [float(place == event.index) for place in range(len(names))]

    with gr.Blocks(title="fer_keras", analytics_enabled=False) as page:
        session = gr.State()
        gr.Markdown(f"# Another emotion for a face\n{_NOTICE}")
        with gr.Row():
            file = gr.Image(
                type="filepath",
                sources=["upload", "clipboard", "webcam"],
                label="Photo",
                elem_id="photo",
            )
            # The file as it came: `Photo.read` says what is wrong with one, and reads
            # more than Gradio. (A subclass would write a stub file beside this one.)
            file.preprocess = lambda payload: payload and payload.path
            both = gr.ImageSlider(
                label="Before and after",
                format="jpeg",
                interactive=False,
                elem_id="both",
            )
        face = gr.Radio(label="Face", choices=[], visible=False, elem_id="face")
        gallery = gr.Gallery(
            label="Choose an emotion",
            columns=len(names),
            height=230,
            allow_preview=False,
            format="jpeg",
            elem_id="emotions",
        )
        with gr.Row():
            strength = gr.Slider(0, 1, 1, step=0.01, label="Strength")
            kept = gr.Slider(
                0,
                2,
                likeness or 0,
                step=0.01,
                label="Likeness",
                visible=likeness is not None,
            )
        with gr.Row():
            weights = [
                gr.Slider(0, 1, 0, step=0.01, label=name, min_width=120)
                for name in names
            ]
        button = gr.Button("Make the photo in its own size", elem_id="make")
        result = gr.File(label="Download", elem_id="download")
        settings = [session, face, strength, kept, *weights]
        quick = {"show_progress": "hidden", "trigger_mode": "always_last"}
        file.change(opened, file, [session, face, gallery, both])
        face.input(_every_emotion, [session, face], gallery)
        face.input(changed, settings, both, **quick)
        gallery.select(chosen, None, weights)
        for slider in (strength, kept, *weights):
            slider.change(changed, settings, both, **quick)
        button.click(written, settings, result)
        gr.Examples(_drawn_examples(), file, label="Drawn faces")
    return page


def launch(
    model: Any, port: int | None = None, share: bool = False, **options: Any
) -> Any:
    """Shows the page on this machine alone.

    Args:
        model: As for `build_page`.
        port: Default: the first free one from 7860 on.
        share: Whether to make a public link, through Gradio's servers.
        **options: More of `gradio.Blocks.launch`.

    Returns:
        What `gradio.Blocks.launch` returns: the application, its local address, the
        public one or None.
    """
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["monospace"]}
    return build_page(model).launch(
        server_name="127.0.0.1",
        server_port=port,
        share=share,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        footer_links=[],
        max_file_size=_LARGEST_FILE,
        theme=gr.themes.Default(**fonts),
        css=_STYLE,
        app_kwargs={"middleware": [Middleware(_OwnFilesOnly)]},
        **options,
    )


def _drawn_examples() -> list[str]:
    """Files with drawn faces."""
    folder = Path(tempfile.mkdtemp(prefix="fer-keras-"))
    paths = []
    for index in range(4):
        person = synthetic_faces.sample_identity(seed=1, index=index)
        face = Image.fromarray(synthetic_faces.render(person, "neutral")[..., 0])
        canvas = Image.new("L", (320, 320), 150)
        canvas.paste(face.resize((240, 240), Image.Resampling.BICUBIC), (40, 40))
        paths.append(str(folder / f"drawn-{index + 1}.png"))
        canvas.save(paths[-1])
    return paths
