package dev.tenon.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.benchmarks.decoder.RandomDecoder.Mixture;
import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A decoder that Tenon has saved as GGUF is, for llama.cpp, the one that Tenon has read. */
@Tag("vector")
class SavedDecoderTest {
    private static final int[] TOKENS = IntStream.range(20, 60).toArray();
    private static final int CONTEXT = 256;

    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q8_0"})
    void llamaCppComputesTheSameLogits(Mixture mixture, @TempDir Path folder) {
        String absence = LlamaCpp.absence(LlamaCpp.fetched());
        TestData.needs(absence == null, absence, "tenon.llama");
        Path given = folder.resolve("given.gguf");
        RandomDecoder.TRIAL.write(mixture, given);
        Path saved = folder.resolve("saved.gguf");
        Model.load(given).save(saved);
        LlamaCpp peer = new LlamaCpp(LlamaCpp.fetched());
        float[] expected = logits(peer, given);
        assertThat(expected).hasSize(TOKENS.length * 512).doesNotContain(Float.NaN);
        assertThat(logits(peer, saved)).isEqualTo(expected);
    }

    private static float[] logits(LlamaCpp peer, Path file) {
        try (LlamaCpp.Decoder decoder = peer.load(file, 1, CONTEXT, 1, true)) {
            return decoder.step(TOKENS, 0, true);
        }
    }
}
