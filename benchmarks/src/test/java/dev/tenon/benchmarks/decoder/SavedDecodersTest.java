package dev.tenon.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tenon.Model;
import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Decoders that Tenon saves as GGUF, as llama.cpp runs them. */
class SavedDecodersTest {
    private static final int[] PROMPT = {1, 300, 301, 302, 17, 99, 310};

    /** The most that the distribution of the next token may differ, as a Kullback-Leibler divergence. */
    private static final double MOST = 1e-5;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void files(Family family) {
        Path given = folder.resolve("given.gguf");
        TinyDecoders.gguf(family, DType.FLOAT32).write(given);
        check(family, Model.load(given));
    }

    @ParameterizedTest
    @EnumSource
    void folders(Family family) throws IOException {
        TinyDecoders.folder(family, folder, DType.FLOAT32, 1);
        check(family, Model.load(folder));
    }

    private void check(Family family, Model model) {
        String absence = LlamaCpp.absence(LlamaCpp.fetched());
        assumeThat(absence).as("llama.cpp cannot be called: " + absence).isNull();
        Path file = folder.resolve("saved.gguf");
        model.save(file);
        long[] prompt = new long[PROMPT.length];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = PROMPT[i];
        }
        float[] found = DecoderRun.lastRow(new DecoderRun(model.session(), family).step(prompt));
        try (LlamaCpp.Decoder peer = new LlamaCpp(LlamaCpp.fetched()).load(file, 1, PROMPT.length, true)) {
            float[] expected = peer.step(PROMPT, 0, false);
            assertThat(expected).hasSameSizeAs(found);
            assertThat(DecoderRun.divergence(expected, found)).isCloseTo(0, within(MOST));
        }
    }
}
