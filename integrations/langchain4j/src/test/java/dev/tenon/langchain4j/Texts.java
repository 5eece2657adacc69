package dev.tenon.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts of any length, and how near embeddings are to each other. */
final class Texts {
    private static final long SEED = 30;
    private static final String[] WORDS =
            ("river bridge clock lamp market bread engine window garden letter winter harbour signal copper violin ladder"
                            + " the a of and in with under beside seven old new quiet broken early found kept sold opened"
                            + " repaired painted borrowed returned")
                    .split(" ");

    private Texts() {}

    /** Texts of 4 to 60 words, always the same. */
    static List<TextSegment> texts(int count) {
        Random random = new Random(SEED);
        List<TextSegment> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> words = new ArrayList<>();
            for (int left = random.nextInt(4, 61); left > 0; left--) {
                words.add(WORDS[random.nextInt(WORDS.length)]);
            }
            texts.add(TextSegment.from(String.join(" ", words) + "."));
        }
        return texts;
    }

    /** The least cosine of two embeddings of the same text. */
    static double leastCosine(List<Embedding> ours, List<Embedding> theirs) {
        double least = ours.size() == theirs.size() ? 1 : Double.NaN;
        for (int i = 0; i < ours.size(); i++) {
            least = Math.min(least, CosineSimilarity.between(ours.get(i), theirs.get(i)));
        }
        return least;
    }
}
