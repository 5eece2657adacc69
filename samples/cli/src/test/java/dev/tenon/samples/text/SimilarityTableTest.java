package dev.tenon.samples.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.testkit.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SimilarityTableTest {
    @Test
    void showsSentencesMatrixAndPairs() {
        SimilarityTable table = SimilarityTable.ofEmbeddings(
                List.of("A man is eating food.", "Someone eats.", "The girl plays the violin."),
                new float[][] {{1, 0}, {3, 4}, {-0.0001f, 2}});
        assertThat(table.render(60, 2)).isEqualTo("""
              1  A man is eating food.
              2  Someone eats.
              3  The girl plays the violin.

                      1       2       3
              1   1.000   0.600   0.000
              2   0.600   1.000   0.800
              3   0.000   0.800   1.000

            Most similar
               0.800  2  Someone eats.
                      3  The girl plays the violin.
               0.600  1  A man is eating food.
                      2  Someone eats.
            """);
    }

    @Test
    void negativeSimilaritiesStayAligned() {
        String text = SimilarityTable.ofEmbeddings(List.of("a", "b"), new float[][] {{1, 0}, {-1, 1}})
                .render(60, 0);
        assertThat(text.lines().toList()).containsSubsequence("  1   1.000  -0.707", "  2  -0.707   1.000");
        assertThat(text).doesNotContain("Most similar");
    }

    @Test
    void noSentencesMakeAnEmptyTable() {
        assertThat(SimilarityTable.ofEmbeddings(List.of(), new float[0][]).render(80, 3))
                .isEmpty();
    }

    @Test
    void oneSentenceHasNoPairs() {
        assertThat(SimilarityTable.ofEmbeddings(List.of("alone"), new float[][] {{2}})
                        .render(80, 3))
                .isEqualTo("  1  alone\n\n          1\n  1   1.000\n");
    }

    @Test
    void anEmbeddingWithoutDirectionHasNoSimilarity() {
        SimilarityTable table = SimilarityTable.ofEmbeddings(List.of("a", "b", "c"), new float[][] {
            {1, 0}, {0, 0}, {Float.POSITIVE_INFINITY, 0}
        });
        assertThat(table.similarity(0, 1)).isNaN();
        assertThat(table.similarity(2, 2)).isNaN();
        assertThat(table.mostSimilar(3)).isEmpty();
        assertThat(table.render(60, 3).lines()).contains("  1   1.000       -       -");
    }

    @Test
    void theBestPairsComeFirst() {
        SimilarityTable table = SimilarityTable.ofEmbeddings(
                List.of("a", "b", "c", "d"), new float[][] {{1, 0}, {0, 1}, {1, 1}, {2, 0}});
        assertThat(table.mostSimilar(2)).extracting(SimilarityTable.Pair::first).containsExactly(0, 0);
        assertThat(table.mostSimilar(2))
                .extracting(SimilarityTable.Pair::second)
                .containsExactly(3, 2);
        assertThat(table.mostSimilar(100)).hasSize(6);
        assertThat(table.mostSimilar(0)).isEmpty();
    }

    @Test
    void everyLineFitsTheWidth() {
        List<String> sentences = new ArrayList<>(Texts.all().subList(0, 120));
        sentences.add("long ".repeat(100));
        sentences.add("\u5B57".repeat(100));
        sentences.add("\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67".repeat(50));
        Random random = new Random(5);
        for (int size : new int[] {1, 2, 6, 9, 10, 11, 40, sentences.size()}) {
            float[][] embeddings = new float[size][8];
            for (float[] embedding : embeddings) {
                for (int i = 0; i < embedding.length; i++) {
                    embedding[i] = random.nextFloat(-1, 1);
                }
            }
            List<String> some = sentences.subList(sentences.size() - size, sentences.size());
            SimilarityTable table = SimilarityTable.ofEmbeddings(some, embeddings);
            for (int width : new int[] {40, 60, 80, 81, 120, 200}) {
                assertThat(table.render(width, 5).lines()).allSatisfy(line -> {
                    assertThat(DisplayWidth.of(line)).isLessThanOrEqualTo(width);
                    assertThat(line).isEqualTo(line.stripTrailing());
                });
            }
        }
    }

    @Test
    void aWideMatrixIsBrokenIntoBlocksThatHoldEveryColumnOnce() {
        List<String> sentences = new ArrayList<>();
        float[][] embeddings = new float[25][];
        for (int i = 0; i < 25; i++) {
            sentences.add("s");
            embeddings[i] = new float[] {1, i};
        }
        SimilarityTable table = SimilarityTable.ofEmbeddings(sentences, embeddings);
        StringBuilder heads = new StringBuilder();
        table.render(40, 0)
                .lines()
                .filter(line -> line.matches("  {5,}[0-9 ]+"))
                .forEach(line -> heads.append(line));
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 25; i++) {
            expected.add(String.valueOf(i));
        }
        assertThat(heads.toString().strip().split(" +")).containsExactlyElementsOf(expected);
        assertThat(table.render(40, 0)).contains("1.00").doesNotContain("1.000");
    }

    @Test
    void sentencesCannotMoveTheCursor() {
        String text = SimilarityTable.ofEmbeddings(
                        List.of("one\ntwo\r\nthree\t\u001B[2Jfour\u2028five \u202Esix\uD800"), new float[][] {{1}})
                .render(80, 0);
        assertThat(text.lines()).first().isEqualTo("  1  one two three [2Jfour five six\uFFFD");
    }

    @Test
    void refusesWhatDoesNotMatch() {
        assertThatThrownBy(() -> SimilarityTable.ofEmbeddings(List.of("a"), new float[0][]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("similarity table: 0 embeddings for 1 sentences");
        assertThatThrownBy(() -> SimilarityTable.ofEmbeddings(List.of("a", "b"), new float[][] {{1}, {1, 2}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("similarity table: embedding 1 has 2 elements, embedding 0 has 1");
        SimilarityTable table = SimilarityTable.ofEmbeddings(List.of("a"), new float[][] {{1}});
        assertThatThrownBy(() -> table.render(39, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("39")
                .hasMessageContaining("40");
    }
}
