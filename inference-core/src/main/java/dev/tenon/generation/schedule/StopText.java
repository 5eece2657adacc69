package dev.tenon.generation.schedule;

/** Looks for one text in a text that comes in parts (Knuth, Morris and Pratt, 1977). For one thread at a time. */
final class StopText {
    private final String text;

    /** For each number of code units that agree: how many still do when the next one does not. */
    private final int[] fallback;

    /** How many of its first code units are the end of the text so far. */
    private int agreeing;

    StopText(String text) {
        this.text = text;
        this.fallback = new int[text.length() + 1];
        int border = 0;
        for (int i = 1; i < text.length(); i++) {
            border = next(border, text.charAt(i));
            fallback[i + 1] = border;
        }
    }

    private int next(int length, char unit) {
        int at = length;
        while (at > 0 && text.charAt(at) != unit) {
            at = fallback[at];
        }
        return text.charAt(at) == unit ? at + 1 : 0;
    }

    /** Takes the next code unit. Tells whether the text ends with it. */
    boolean add(char unit) {
        agreeing = next(agreeing, unit);
        return agreeing == text.length();
    }

    int agreeing() {
        return agreeing;
    }

    String text() {
        return text;
    }
}
