package dev.tenon.benchmarks.parts;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Tokens of a second on one thread: Tenon's tokenizer beside Hugging Face's, as Deep Java Library gives it. The counter
 * {@code tokens} of the results is the number to compare.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class TokenizerBenchmark {
    private static final List<String> TEXTS = List.of(
            "A cat is sleeping on the warm windowsill.",
            "Interest rates rose by half a percentage point, which surprised nobody but the analysts.",
            "How do I load an ONNX model in Java?",
            "Die Museen \u00F6ffnen am Samstag; der Eintritt kostet 12,50 \u20AC f\u00FCr Erwachsene.",
            "Heavy rain has flooded the lower part of the town, and twelve bridges across the river are closed until further"
                    + " notice. Residents are asked to stay at home, to avoid travel and to boil their drinking water.",
            "\u673A\u68B0\u5B66\u4E60 and \u043C\u0430\u0448\u0438\u043D\u043D\u043E\u0435 \u043E\u0431\u0443\u0447\u0435\u043D\u0438\u0435 are two names for the same thing.");

    /** A way to encode a text. */
    @FunctionalInterface
    interface Encoder {
        /** Encodes a text and returns the number of its tokens. */
        int encode(String text);
    }

    /** A tokenizer of one engine. */
    @State(Scope.Benchmark)
    public static class Tokenizers {
        /** The tokenizer file, without its ending. */
        @Param({"all-minilm-l6-v2", "gpt2", "internlm2"})
        public String file;

        /** The engine. */
        @Param({"tenon", "djl"})
        public String engine;

        Encoder encoder;
        private HuggingFaceTokenizer peer;

        /**
         * Loads the tokenizer.
         *
         * @throws IOException if the file cannot be read
         */
        @Setup
        public void prepare() throws IOException {
            Path path = Path.of(System.getProperty("tenon.models", "target/models"))
                    .resolve(file + "-tokenizer.json")
                    .toAbsolutePath();
            if (engine.equals("tenon")) {
                Tokenizer tokenizer = Tokenizer.load(
                        path, TokenizerOptions.standard().noMaxLength().padding(Padding.none()));
                encoder = text -> tokenizer.encode(text).length();
                return;
            }
            System.setProperty("ai.djl.offline", "true");
            System.setProperty("OPT_OUT_TRACKING", "true");
            peer = HuggingFaceTokenizer.newInstance(path, Map.of("padding", "false", "truncation", "false"));
            encoder = text -> {
                Encoding encoding = peer.encode(text);
                return encoding.getIds().length;
            };
        }

        /** Frees the tokenizer. */
        @TearDown
        public void close() {
            if (peer != null) {
                peer.close();
            }
        }
    }

    /** Counts tokens. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Counters {
        /** The tokens of the texts that were encoded. */
        public long tokens;
    }

    /**
     * Encodes some texts, one after the other.
     *
     * @param tokenizers the tokenizer
     * @param counters counts the tokens
     */
    @Benchmark
    public void encode(Tokenizers tokenizers, Counters counters) {
        for (String text : TEXTS) {
            counters.tokens += tokenizers.encoder.encode(text);
        }
    }
}
