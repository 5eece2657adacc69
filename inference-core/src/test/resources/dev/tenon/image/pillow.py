"""Writes pillow.bin: what Pillow makes of the 50 pictures of ImagePreprocessorTest. Called as: python3 pillow.py > pillow.bin"""
import sys
from PIL import Image

FILTERS = [Image.NEAREST, Image.BOX, Image.BILINEAR, Image.BICUBIC, Image.LANCZOS]


def picture(i, width, height, channels):
    state = i + 1
    data = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                data.append((x * 3 + y * 5 + c * 80 + (state >> 16 & 63)) & 255)
    return Image.frombytes("RGB" if channels == 3 else "L", (width, height), bytes(data))


for i in range(50):
    width, height = 5 + i * 37 % 113, 4 + i * 53 % 97
    new_width, new_height = 3 + i * 29 % 31, 2 + i * 17 % 29
    image = picture(i, width, height, 1 if i % 7 == 6 else 3)
    if i % 3 == 2:
        image = image.crop((1, 1, width - 1, height))
    sys.stdout.buffer.write(image.resize((new_width, new_height), FILTERS[i % 5]).tobytes())
    if i % 7 != 6:
        sys.stdout.buffer.write(image.convert("L").resize((new_width, new_height), FILTERS[i % 5]).tobytes())
