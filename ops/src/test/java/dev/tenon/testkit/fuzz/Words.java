package dev.tenon.testkit.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes a text word by word: the text of a graph, or the header of an array. */
public final class Words {
    private static final Pattern WORD = Pattern.compile("[A-Za-z_0-9.]+|\\s+|.", Pattern.DOTALL);
    private static final int MOST_CHANGES = 3;
    private static final int MOST = 1 << 18;

    private Words() {}

    public static String changed(String text, String other, SplittableRandom random) {
        List<String> words = split(text);
        for (int i = random.nextInt(1, MOST_CHANGES + 1); i > 0 && !words.isEmpty(); i--) {
            int at = random.nextInt(words.size());
            switch (random.nextInt(8)) {
                case 0 -> words.remove(at);
                case 1 -> words.add(at, words.get(random.nextInt(words.size())));
                case 2 -> words.set(at, words.get(random.nextInt(words.size())));
                case 3 -> number(words, random);
                case 4 -> words.add(at, new String(Hostile.text(random), StandardCharsets.UTF_8));
                case 5 -> part(words, split(other), at, random);
                case 6 -> repeat(words, at, random);
                default -> number(words, random);
            }
        }
        String result = String.join("", words);
        return result.length() > MOST ? text : result;
    }

    private static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        Matcher m = WORD.matcher(text);
        while (m.find()) {
            words.add(m.group());
        }
        return words;
    }

    private static void number(List<String> words, SplittableRandom random) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            if (!words.get(i).isEmpty() && Character.isDigit(words.get(i).charAt(0))) {
                numbers.add(i);
            }
        }
        if (!numbers.isEmpty()) {
            words.set(numbers.get(random.nextInt(numbers.size())), Long.toString(Hostile.number(random)));
        }
    }

    /** Takes some words of another text over. */
    private static void part(List<String> words, List<String> other, int at, SplittableRandom random) {
        if (!other.isEmpty()) {
            int from = random.nextInt(other.size());
            words.addAll(at, other.subList(from, Math.min(other.size(), from + random.nextInt(1, 40))));
        }
    }

    private static void repeat(List<String> words, int at, SplittableRandom random) {
        int length = random.nextInt(1, 30);
        List<String> part = new ArrayList<>(words.subList(at, Math.min(words.size(), at + length)));
        for (int i = random.nextInt(1, 20); i > 0; i--) {
            words.addAll(at, part);
        }
    }
}
