package dev.tenon.testkit.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Changes texts: words, and characters of all planes, marks without a letter, halves of surrogate pairs, long repetitions. */
public final class TextMutation implements Mutation {
    private static final int MOST = 1 << 15;
    private static final int[] CHARACTERS = {
        0, 9, 10, 13, 32, 0x7F, 0x85, 0xA0, 0xAD, 0x130, 0x301, 0x345, 0x3A3, 0x600, 0x64B, 0x1100, 0x1161, 0x11A8,
        0x1E9E, 0x200B, 0x200D, 0x2028, 0x202E, 0x2581, 0x3000, 0x4E2D, 0xAC00, 0xD800, 0xDC00, 0xFDFA, 0xFE0F, 0xFEFF,
        0xFFFD, 0xFFFF, 0x10000, 0x1D15E, 0x1F468, 0x1F3FD, 0x2F800, 0x10FFFF
    };

    /** The text of a file: each two bytes are a code unit, so that any string has a file. */
    public static String text(byte[] file) {
        char[] units = new char[file.length / 2];
        for (int i = 0; i < units.length; i++) {
            units[i] = (char) (file[2 * i] << 8 | file[2 * i + 1] & 0xFF);
        }
        return new String(units);
    }

    /** The file of a text. */
    public static byte[] file(String text) {
        byte[] file = new byte[2 * text.length()];
        for (int i = 0; i < text.length(); i++) {
            file[2 * i] = (byte) (text.charAt(i) >> 8);
            file[2 * i + 1] = (byte) text.charAt(i);
        }
        return file;
    }

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        String text = text(file);
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            String changed = changed(text, text(other), random);
            text = changed.length() > MOST ? changed.substring(0, MOST) : changed;
        }
        return file(text);
    }

    private static String changed(String text, String other, SplittableRandom random) {
        int at = random.nextInt(text.length() + 1);
        return switch (random.nextInt(5)) {
            case 0 -> Words.changed(text, other, random);
            case 1 -> {
                int to = Math.min(text.length(), at + random.nextInt(1, 9));
                yield text.substring(0, to)
                        + text.substring(at, to).repeat(random.nextInt(1, 2000))
                        + text.substring(to);
            }
            case 2 -> text.substring(0, at) + text.substring(Math.min(text.length(), at + random.nextInt(1, 5)));
            case 3 ->
                text.substring(0, at) + new String(Hostile.text(random), StandardCharsets.UTF_8) + text.substring(at);
            default -> {
                int c = random.nextInt(4) == 0
                        ? random.nextInt(Character.MAX_CODE_POINT + 1)
                        : CHARACTERS[random.nextInt(CHARACTERS.length)];
                yield text.substring(0, at) + Character.toString(c) + text.substring(at);
            }
        };
    }
}
