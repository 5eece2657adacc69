package dev.tenon.samples.embeddings;

import dev.tenon.Tenon;
import dev.tenon.embedding.Embeddings;
import dev.tenon.embedding.TextEmbedder;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.text.SimilarityTable;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Compares sentences by their embeddings. Prints their similarities and the time that the model took. */
public final class EmbeddingsCommand implements Command {
    private static final List<String> SENTENCES = List.of(
            "A cat is sleeping on the warm windowsill.",
            "The kitten naps in the sun by the window.",
            "Interest rates rose by half a percentage point.",
            "The central bank has made borrowing more expensive.",
            "How do I load an ONNX model in Java?",
            "Running neural networks inside the JVM without native code.");

    private static final int WIDTH = 100;
    private static final int PAIRS = 3;
    private static final int TIMED_CALLS = 20;

    /** Makes the command. */
    public EmbeddingsCommand() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run embeddings",
                        "Compares sentences by their embeddings, and tells how long that took.")
                .arguments("SENTENCE...", "the sentences; some examples if there are none")
                .flag("takes the fetched MiniLM with weights of 8 bits", "--quantized")
                .option(
                        "--folder",
                        "DIR",
                        "a folder that sentence-transformers saved, in the place of the fetched MiniLM")
                .example(
                        "samples/run embeddings",
                        "samples/run embeddings --folder e5-small 'query: cats' 'passage: A kitten naps.'");
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        Arguments given = usage().parse(args);
        String name = given.has("--quantized") ? MiniLmFiles.NAME + "-q" : MiniLmFiles.NAME;
        List<String> sentences = given.rest().isEmpty() ? SENTENCES : given.rest();
        compare(sentences, name, given.path("--folder").orElse(null), out);
        return 0;
    }

    private static void compare(List<String> sentences, String name, Path folder, PrintStream out) {
        long start = System.nanoTime();
        TextEmbedder embedder =
                folder == null ? MiniLmFiles.of(name).loadEmbedder(MiniLmFiles.MAX_TOKENS) : TextEmbedder.load(folder);
        long loaded = System.nanoTime();
        Embeddings embeddings = embedder.embed(sentences);
        long first = System.nanoTime();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TIMED_CALLS; i++) {
            long before = System.nanoTime();
            embedder.embed(sentences);
            best = Math.min(best, System.nanoTime() - before);
        }
        float[][] vectors = embeddings.vectors().toArray(new float[0][]);
        out.println(SimilarityTable.ofEmbeddings(sentences, vectors).render(WIDTH, PAIRS));
        out.printf(
                Locale.ROOT,
                "%s, %d sentences of %d tokens in all, %d numbers each%n",
                folder == null ? name : folder,
                sentences.size(),
                embeddings.tokens(),
                vectors[0].length);
        out.printf(
                Locale.ROOT,
                "loaded in %.0f ms; first call %.0f ms; then %.2f ms a sentence (best of %d calls)%n%n",
                millis(loaded - start),
                millis(first - loaded),
                millis(best) / sentences.size(),
                TIMED_CALLS);
        out.print(Tenon.describe());
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
