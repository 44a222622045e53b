"""Pictures as proof: drawn anew pixel by pixel, so that nothing but the picture is left of the file."""

import io

from PIL import Image, ImageOps

from autopilot.inspection.errors import Refused

MOST_PIXELS = 20_000_000
MODES = {"PNG": ("1", "L", "LA", "RGB", "RGBA"), "JPEG": ("L", "RGB")}
QUALITY = 90


def redraw(content: bytes, kind: str) -> bytes:
    """Return the same picture as a new file of its kind (PNG or JPEG), upright and without what else the file held.

    Raises Refused for what is no such picture, or has more than 20 million pixels.
    """
    Image.MAX_IMAGE_PIXELS = None  # ours is the stricter limit, and is asked before a pixel is unpacked
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            _require_bearable(*picture.size)
            ImageOps.exif_transpose(picture, in_place=True)
            return _saved(picture, kind)
    except (OSError, SyntaxError, ValueError):
        raise Refused("damaged", f"The picture is damaged, or is no {kind}. Save it anew, and upload that.") from None


def _require_bearable(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        text = f"The picture has {width} × {height} pixels. Save it with at most 20 million, as 4,000 × 5,000."
        raise Refused("too_much", text)


def _saved(picture: Image.Image, kind: str) -> bytes:
    plain = picture if picture.mode in MODES[kind] else picture.convert("RGBA" if kind == "PNG" else "RGB")
    plain.info.clear()
    file = io.BytesIO()
    plain.save(file, kind, **({"quality": QUALITY} if kind == "JPEG" else {}))
    return file.getvalue()
