package dev.tenon.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.benchmarks.ceiling.ReadPeak;
import dev.tenon.benchmarks.decoder.RandomDecoder.Mixture;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderRunTest {
    private static void run(String... words) throws Exception {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        DecoderRun.run(out, out, words);
    }

    /** The published numbers of weights, times the bits of a weight: Q4_0 has 4.5, Q6_K 6.5625 and Q8_0 8.5. */
    @ParameterizedTest
    @CsvSource({"QWEN2_0_5B,346e6,0.72e9", "LLAMA_1_1B,599e6,1.94e9"})
    void shapesAreTheRealOnes(RandomDecoder decoder, double bytes, double operationsOfPrompt) {
        assertThat(decoder.weightBytes(Mixture.Q4_0) / bytes).isCloseTo(1, within(0.01));
        double more = decoder.operations(Mixture.Q4_0, 2) - decoder.operations(Mixture.Q4_0, 1);
        assertThat(more / operationsOfPrompt).isCloseTo(1, within(0.01));
    }

    @Test
    void unknownDecodersAndThreadsAreRefused() {
        assertThatThrownBy(() -> run(DecoderRun.NAME, "gpt"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("decoder 'gpt': there are")
                .hasMessageContaining("tinyllama-1.1b-q4_k_m");
        assertThatThrownBy(() -> run(DecoderRun.NAME, "--threads", "0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 or more");
        assertThatThrownBy(() -> PerplexityRun.run(System.out, PerplexityRun.NAME))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("FOLDER");
    }

    @Test
    void theMachineIsNamed() {
        assertThat(Machine.describe()).startsWith("processor: ").endsWith(" of them");
    }

    @Test
    void memoryIsReadByEachThread() {
        assertThat(new ReadPeak(2).run()).isPositive();
    }
}
