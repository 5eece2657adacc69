package dev.tenon.table;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The numbers of categories by their texts, or, where all texts are whole numbers, by these. Immutable. */
final class Categories {
    static final int NONE = -1;

    private final List<String> texts;
    private final Map<String, Integer> byText = new HashMap<>();
    private final long[] wholes;
    private final int[] numbersOfWholes;

    Categories(List<String> texts) {
        this.texts = texts;
        for (int i = 0; i < texts.size(); i++) {
            byText.putIfAbsent(texts.get(i), i);
        }
        long[] sorted = new long[texts.size()];
        boolean whole = true;
        for (int i = 0; i < sorted.length && whole; i++) {
            try {
                sorted[i] = Long.parseLong(texts.get(i));
            } catch (NumberFormatException e) {
                whole = false;
            }
        }
        wholes = whole ? sorted : new long[0];
        Arrays.sort(wholes);
        numbersOfWholes = new int[wholes.length];
        for (int i = 0; i < wholes.length; i++) {
            numbersOfWholes[i] = byText.getOrDefault(Long.toString(wholes[i]), NONE);
        }
    }

    int of(String text) {
        return byText.getOrDefault(text, NONE);
    }

    /** The number of a category that is a whole number. */
    int of(long whole) {
        int at = Arrays.binarySearch(wholes, whole);
        return at < 0 ? NONE : numbersOfWholes[at];
    }

    @Override
    public String toString() {
        int shown = Math.min(5, texts.size());
        return "one of " + texts.size() + " categories: " + String.join(", ", texts.subList(0, shown))
                + (shown < texts.size() ? ", ..." : "");
    }
}
