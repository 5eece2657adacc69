package dev.tenon.samples.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Measures the model beside the one that LangChain4j runs on ONNX Runtime: the same texts, in turns, in one JVM. */
final class Comparison {
    private static final int ROUNDS = 5;
    private static final long SEED = 30;
    private static final int LEAST_WORDS = 4;
    private static final int MOST_WORDS = 60;
    private static final double NANOS = 1e9;
    private static final String[] WORDS =
            ("river bridge clock lamp market bread engine window garden letter winter harbour signal copper violin ladder"
                            + " the a of and in with under beside seven old new quiet broken early found kept sold opened"
                            + " repaired painted borrowed returned")
                    .split(" ");

    private final EmbeddingModel tenon;
    private final EmbeddingModel peer = new AllMiniLmL6V2EmbeddingModel();

    Comparison(EmbeddingModel tenon) {
        this.tenon = tenon;
    }

    /** Texts of 4 to 60 words, always the same. */
    static List<TextSegment> texts(int count) {
        Random random = new Random(SEED);
        List<TextSegment> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            for (int words = random.nextInt(LEAST_WORDS, MOST_WORDS + 1); words > 0; words--) {
                text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
            }
            texts.add(TextSegment.from(text.toString().strip() + "."));
        }
        return texts;
    }

    /** The least cosine of the embeddings of the two models for the same text. */
    static double leastCosine(List<Embedding> ours, List<Embedding> theirs) {
        double least = ours.size() == theirs.size() ? 1 : Double.NaN;
        for (int i = 0; i < ours.size(); i++) {
            least = Math.min(least, CosineSimilarity.between(ours.get(i), theirs.get(i)));
        }
        return least;
    }

    void print(int count, PrintStream out) {
        List<TextSegment> texts = texts(count);
        // The first calls, in which the JVM compiles loops, are not measured.
        double cosine = leastCosine(
                tenon.embedAll(texts).content(), peer.embedAll(texts).content());
        double bestOfTenon = Double.MAX_VALUE;
        double bestOfPeer = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            bestOfTenon = Math.min(bestOfTenon, seconds(tenon, texts));
            bestOfPeer = Math.min(bestOfPeer, seconds(peer, texts));
        }
        out.printf(Locale.ROOT, "%d texts of %d to %d words, best of %d%n", count, LEAST_WORDS, MOST_WORDS, ROUNDS);
        out.printf(Locale.ROOT, "Tenon        %8.0f texts/s%n", count / bestOfTenon);
        out.printf(Locale.ROOT, "LangChain4j  %8.0f texts/s%n", count / bestOfPeer);
        out.printf(
                Locale.ROOT,
                "Tenon is %.2f times as fast; the least cosine is %.7f%n",
                bestOfPeer / bestOfTenon,
                cosine);
    }

    private static double seconds(EmbeddingModel model, List<TextSegment> texts) {
        long start = System.nanoTime();
        int found = model.embedAll(texts).content().size();
        if (found != texts.size()) {
            throw new IllegalStateException(found + " embeddings for " + texts.size() + " texts");
        }
        return (System.nanoTime() - start) / NANOS;
    }
}
