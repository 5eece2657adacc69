package dev.tenon.samples.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How alike sentences are, as plain text: the sentences with their numbers, a matrix of their similarities, and the
 * pairs that are most alike. It is made to a width: long sentences end in an ellipsis, and a matrix that is too wide
 * loses a decimal, then is broken into blocks of columns. Immutable.
 */
public final class SimilarityTable {
    /** The narrowest table that is made. */
    public static final int MIN_WIDTH = 40;

    private static final String GAP = "  ";

    private final List<String> sentences;
    private final double[][] similarities;

    /**
     * Two sentences of a table.
     *
     * @param first index of one, from 0
     * @param second index of the other one, more than {@code first}
     * @param similarity their similarity
     */
    public record Pair(int first, int second, double similarity) {}

    private SimilarityTable(List<String> sentences, double[][] similarities) {
        this.sentences = sentences.stream().map(SimilarityTable::oneLine).toList();
        this.similarities = similarities;
    }

    /**
     * A table of the cosines between embeddings, summed up in double precision: {@code a.b / (|a| |b|)}. Where an
     * embedding is zero or not finite, so that there is no cosine, the similarity is NaN.
     *
     * @param sentences the sentences
     * @param embeddings an embedding for each, all of one length; copied from
     * @return the table
     * @throws IllegalArgumentException if there are more or fewer embeddings than sentences, or their lengths differ
     */
    public static SimilarityTable ofEmbeddings(List<String> sentences, float[][] embeddings) {
        if (embeddings.length != sentences.size()) {
            throw new IllegalArgumentException(
                    "similarity table: " + embeddings.length + " embeddings for " + sentences.size() + " sentences");
        }
        double[][] similarities = new double[embeddings.length][embeddings.length];
        for (int i = 0; i < embeddings.length; i++) {
            for (int j = 0; j <= i; j++) {
                similarities[i][j] = cosine(embeddings, i, j);
                similarities[j][i] = similarities[i][j];
            }
        }
        return new SimilarityTable(sentences, similarities);
    }

    private static double cosine(float[][] embeddings, int i, int j) {
        float[] a = embeddings[i];
        float[] b = embeddings[j];
        if (a.length != b.length) {
            throw new IllegalArgumentException("similarity table: embedding " + i + " has " + a.length
                    + " elements, embedding " + j + " has " + b.length);
        }
        double product = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int k = 0; k < a.length; k++) {
            product += (double) a[k] * b[k];
            squaresOfA += (double) a[k] * a[k];
            squaresOfB += (double) b[k] * b[k];
        }
        return product / Math.sqrt(squaresOfA) / Math.sqrt(squaresOfB);
    }

    /**
     * The similarity of two sentences.
     *
     * @param first index of one, from 0
     * @param second index of the other one
     * @return the cosine, -1 to 1 but for rounding, or NaN
     * @throws IndexOutOfBoundsException if there is no such sentence
     */
    public double similarity(int first, int second) {
        return similarities[first][second];
    }

    /**
     * The pairs that are most alike, best first; pairs of equal similarity in the order of the sentences. Pairs without
     * a similarity (NaN) are left out.
     *
     * @param count how many at most, not negative
     * @return the pairs
     */
    public List<Pair> mostSimilar(int count) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < similarities.length; i++) {
            for (int j = i + 1; j < similarities.length; j++) {
                if (!Double.isNaN(similarities[i][j])) {
                    pairs.add(new Pair(i, j, similarities[i][j]));
                }
            }
        }
        pairs.sort(Comparator.comparingDouble(Pair::similarity).reversed());
        return List.copyOf(pairs.subList(0, Math.min(count, pairs.size())));
    }

    /**
     * Writes the table.
     *
     * @param width columns that a line may take, at least {@link #MIN_WIDTH}
     * @param pairs how many of the most similar pairs are written, not negative
     * @return lines, each ending in a line feed and without spaces at its end
     * @throws IllegalArgumentException if the width is too small
     */
    public String render(int width, int pairs) {
        if (width < MIN_WIDTH) {
            throw new IllegalArgumentException(
                    "similarity table: width " + width + " is too small; allowed " + MIN_WIDTH + " and more");
        }
        StringBuilder out = new StringBuilder();
        int numberWidth = String.valueOf(sentences.size()).length();
        int textWidth = width - GAP.length() - numberWidth - GAP.length();
        for (int i = 0; i < sentences.size(); i++) {
            line(out, GAP + number(i, numberWidth) + GAP + DisplayWidth.fit(sentences.get(i), textWidth));
        }
        matrix(out, width, numberWidth);
        List<Pair> best = mostSimilar(pairs);
        if (!best.isEmpty()) {
            line(out, "");
            line(out, "Most similar");
            for (Pair pair : best) {
                String start = GAP + cell(pair.similarity(), 3, 6) + GAP;
                int room = width - start.length() - numberWidth - GAP.length();
                line(out, start + numbered(pair.first(), numberWidth, room));
                line(out, " ".repeat(start.length()) + numbered(pair.second(), numberWidth, room));
            }
        }
        return out.toString();
    }

    // The first sentence of a block of columns that does not fit begins the next block.
    private void matrix(StringBuilder out, int width, int numberWidth) {
        int size = sentences.size();
        int room = width - GAP.length() - numberWidth;
        int decimals = size * cellWidth(3) <= room ? 3 : 2;
        int cellWidth = Math.max(cellWidth(decimals), numberWidth + GAP.length());
        int perBlock = Math.max(1, room / cellWidth);
        for (int from = 0; from < size; from += perBlock) {
            int to = Math.min(size, from + perBlock);
            StringBuilder head = new StringBuilder(" ".repeat(GAP.length() + numberWidth));
            for (int j = from; j < to; j++) {
                head.append(number(j, cellWidth));
            }
            line(out, "");
            line(out, head.toString());
            for (int i = 0; i < size; i++) {
                StringBuilder row = new StringBuilder(GAP).append(number(i, numberWidth));
                for (int j = from; j < to; j++) {
                    row.append(cell(similarities[i][j], decimals, cellWidth));
                }
                line(out, row.toString());
            }
        }
    }

    private String numbered(int index, int numberWidth, int room) {
        return number(index, numberWidth) + GAP + DisplayWidth.fit(sentences.get(index), room);
    }

    // Two spaces before a number such as -0.123.
    private static int cellWidth(int decimals) {
        return GAP.length() + 3 + decimals;
    }

    private static String number(int index, int width) {
        return aligned(String.valueOf(index + 1), width);
    }

    private static String cell(double similarity, int decimals, int width) {
        if (Double.isNaN(similarity)) {
            return aligned("-", width);
        }
        String text = String.format(Locale.ROOT, "%." + decimals + "f", similarity);
        // What rounds to zero has no sign.
        boolean zero = text.startsWith("-") && text.chars().allMatch(c -> c == '-' || c == '0' || c == '.');
        return aligned(zero ? text.substring(1) : text, width);
    }

    private static String aligned(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static void line(StringBuilder out, String text) {
        out.append(text.stripTrailing()).append('\n');
    }

    // Nothing that moves a terminal's cursor or turns its direction around gets through.
    private static String oneLine(String sentence) {
        StringBuilder out = new StringBuilder();
        sentence.codePoints().forEach(c -> {
            boolean joiner = c == 0x200C || c == 0x200D;
            boolean tag = c >= 0xE0020 && c <= 0xE007F;
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.SPACE_SEPARATOR,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> out.append(' ');
                case Character.SURROGATE -> out.append('\uFFFD');
                case Character.FORMAT -> {
                    if (joiner || tag) {
                        out.appendCodePoint(c);
                    }
                }
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString().strip().replaceAll(" {2,}", " ");
    }
}
