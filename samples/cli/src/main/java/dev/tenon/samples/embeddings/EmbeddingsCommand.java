package dev.tenon.samples.embeddings;

import dev.tenon.Model;
import dev.tenon.Tenon;
import dev.tenon.samples.Command;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.text.SimilarityTable;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
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

    private static final String MODEL = "all-minilm-l6-v2";
    private static final int WIDTH = 100;
    private static final int PAIRS = 3;
    private static final int TIMED_CALLS = 20;

    /** Makes the command. */
    public EmbeddingsCommand() {}

    @Override
    public String usage() {
        return "[--quantized] [SENTENCE ...]";
    }

    @Override
    public int run(List<String> args, PrintStream out) {
        boolean quantized = false;
        List<String> sentences = new ArrayList<>();
        boolean options = true;
        for (String arg : args) {
            if (options && arg.equals("--")) {
                options = false;
            } else if (options && arg.equals("--quantized")) {
                quantized = true;
            } else if (options && arg.startsWith("--")) {
                throw new UsageException("unknown option " + arg);
            } else {
                sentences.add(arg);
            }
        }
        compare(sentences.isEmpty() ? SENTENCES : sentences, quantized ? MODEL + "-q" : MODEL, out);
        return 0;
    }

    private static void compare(List<String> sentences, String name, PrintStream out) {
        Path folder = Path.of(System.getProperty("tenon.models", "target/models"));
        long start = System.nanoTime();
        Tokenizer tokenizer = Tokenizer.load(
                folder.resolve(name + "-tokenizer.json"),
                TokenizerOptions.standard()
                        .maxLength(SentenceEncoder.MAX_TOKENS)
                        .padding(Padding.longest()));
        Model model = Model.load(folder.resolve(name + ".onnx"));
        SentenceEncoder encoder = new SentenceEncoder(model, tokenizer);
        long loaded = System.nanoTime();
        float[][] embeddings = encoder.encode(sentences);
        long first = System.nanoTime();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TIMED_CALLS; i++) {
            long before = System.nanoTime();
            encoder.encode(sentences);
            best = Math.min(best, System.nanoTime() - before);
        }
        out.println(SimilarityTable.ofEmbeddings(sentences, embeddings).render(WIDTH, PAIRS));
        out.printf(
                Locale.ROOT,
                "%s, %d sentences of at most %d tokens in one batch, %d numbers each%n",
                name,
                sentences.size(),
                tokenizer.encodeBatch(sentences).tokens(),
                embeddings[0].length);
        out.printf(
                Locale.ROOT,
                "loaded in %.0f ms; first batch %.0f ms; then %.2f ms a sentence (best of %d batches)%n%n",
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
