package dev.tenon.op.vision;

/** Decodes the portable formats of Netpbm: bitmaps, graymaps and pixmaps, as text (P1 to P3) or binary (P4 to P6). */
final class PortablePixmap {
    private final byte[] bytes;
    private final int kind;
    private int at = 2;

    private PortablePixmap(byte[] bytes) {
        this.bytes = bytes;
        this.kind = bytes[1] - '0';
    }

    static boolean is(byte[] bytes) {
        return bytes.length > 2
                && bytes[0] == 'P'
                && bytes[1] >= '1'
                && bytes[1] <= '6'
                && (Character.isWhitespace(bytes[2]) || bytes[2] == '#');
    }

    /** The image, or null if the bytes are not one. */
    static DecodedImage decode(byte[] bytes) {
        return new PortablePixmap(bytes).decode();
    }

    private DecodedImage decode() {
        long width = number();
        long height = number();
        boolean bits = kind == 1 || kind == 4;
        long most = bits ? 1 : number();
        if (width < 1 || height < 1 || most < 1 || most > 0xffff) {
            return null;
        }
        int channels = kind == 3 || kind == 6 ? 3 : 1;
        // One white-space character separates the header from the samples.
        at++;
        DecodedImage.check(height, width);
        if (needed(height, width, channels, most) > bytes.length - Math.min(at, bytes.length)) {
            return null;
        }
        DecodedImage pixels = DecodedImage.of(height, width);
        int[] v = new int[3];
        for (int r = 0; r < height; r++) {
            for (int c = 0; c < width; c++) {
                for (int k = 0; k < channels; k++) {
                    long sample = sample(c, most);
                    if (sample < 0 || sample > most) {
                        return null;
                    }
                    v[k] = (int) (bits ? 255 * (1 - sample) : (sample * 255 + most / 2) / most);
                }
                pixels.set(r, c, v[0], channels == 3 ? v[1] : v[0], channels == 3 ? v[2] : v[0]);
            }
            if (kind == 4 && width % 8 != 0) {
                at++;
            }
        }
        return pixels;
    }

    /** The least number of bytes that the samples take. */
    private long needed(long height, long width, int channels, long most) {
        return switch (kind) {
            case 4 -> height * ((width + 7) / 8);
            case 5, 6 -> height * width * channels * (most > 255 ? 2 : 1);
            default -> height * width * channels - 1;
        };
    }

    private long sample(int column, long most) {
        return switch (kind) {
            case 1 -> digit();
            case 2, 3 -> number();
            case 4 -> {
                int bit = bytes[at] >> (7 - column % 8) & 1;
                at += column % 8 == 7 ? 1 : 0;
                yield bit;
            }
            default -> most > 255 ? (long) (bytes[at++] & 0xff) << 8 | bytes[at++] & 0xff : bytes[at++] & 0xff;
        };
    }

    private void skip() {
        while (at < bytes.length && (Character.isWhitespace(bytes[at]) || bytes[at] == '#')) {
            if (bytes[at] == '#') {
                while (at < bytes.length && bytes[at] != '\n' && bytes[at] != '\r') {
                    at++;
                }
            } else {
                at++;
            }
        }
    }

    private int digit() {
        skip();
        return at < bytes.length && (bytes[at] == '0' || bytes[at] == '1') ? bytes[at++] - '0' : -1;
    }

    /** The next number, or -1 if there is none. */
    private long number() {
        skip();
        long n = -1;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9' && n < Integer.MAX_VALUE) {
            n = Math.max(n, 0) * 10 + bytes[at++] - '0';
        }
        return n;
    }
}
