package dev.tenon.samples.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The similarities of sentences as plain text: the numbered sentences, a matrix of their similarities, and the most
 * similar pairs. The text fits a given width: long sentences end in an ellipsis. A matrix that is too wide loses one
 * decimal; if it is still too wide, it is broken into blocks of columns. Immutable.
 */
public final class SimilarityTable {
    /** The least width of a table, in columns. */
    public static final int MIN_WIDTH = 40;

    private static final String GAP = "  ";

    private final List<String> sentences;
    private final double[][] similarities;

    /**
     * Two sentences of a table.
     *
     * @param first the index of one sentence, from 0
     * @param second the index of the other sentence, greater than {@code first}
     * @param similarity their similarity
     */
    public record Pair(int first, int second, double similarity) {}

    private SimilarityTable(List<String> sentences, double[][] similarities) {
        this.sentences = sentences.stream().map(SimilarityTable::oneLine).toList();
        this.similarities = similarities;
    }

    /**
     * Makes a table of the cosines between embeddings, {@code a.b / (|a| |b|)}, computed in double precision. If an
     * embedding is zero or not finite, there is no cosine and the similarity is NaN.
     *
     * @param sentences the sentences
     * @param embeddings an embedding for each sentence, all of the same length; they are only read
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
     * @param first the index of one sentence, from 0
     * @param second the index of the other sentence
     * @return the cosine, -1 to 1 apart from rounding, or NaN
     * @throws IndexOutOfBoundsException if there is no such sentence
     */
    public double similarity(int first, int second) {
        return similarities[first][second];
    }

    /**
     * The most similar pairs, best first. Pairs of equal similarity have the order of the sentences. Pairs without a
     * similarity (NaN) are left out.
     *
     * @param count the most pairs, not negative
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
     * @param width the most columns of a line, at least {@link #MIN_WIDTH}
     * @param pairs the number of most similar pairs to write, not negative
     * @return lines that end with a line feed and have no spaces before it
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

    // Writes the matrix in blocks of as many columns as fit into a line.
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

    // Room for two spaces and a number such as -0.123.
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
        // A number that rounds to zero is written without sign.
        boolean zero = text.startsWith("-") && text.chars().allMatch(c -> c == '-' || c == '0' || c == '.');
        return aligned(zero ? text.substring(1) : text, width);
    }

    private static String aligned(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static void line(StringBuilder out, String text) {
        out.append(text.stripTrailing()).append('\n');
    }

    // Removes characters that would move the cursor of a terminal or change its writing direction.
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
