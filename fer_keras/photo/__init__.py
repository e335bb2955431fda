"""Faces in photos: found, brought to the model's form, changed and put back."""

from fer_keras.photo.faces import Face, find_faces
from fer_keras.photo.pictures import Photo
from fer_keras.photo.transfer import TransferredPhoto, transfer_photo

__all__ = ["Face", "Photo", "TransferredPhoto", "find_faces", "transfer_photo"]
