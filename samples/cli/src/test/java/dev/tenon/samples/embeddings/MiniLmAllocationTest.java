package dev.tenon.samples.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Allocation;
import dev.tenon.text.Batch;
import dev.tenon.text.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of the real model into given outputs allocate nothing once the JVM has compiled them. */
@Tag("vector")
@Tag("fresh")
class MiniLmAllocationTest {
    private static final int TOKENS = 16;
    private static final int CALLS = 200;
    private static final Allocation BOUND = new Allocation(64 * CALLS, 0);

    @ParameterizedTest
    @CsvSource({"FLOAT32,1", "FLOAT32,2", "QUANTIZED,1", "QUANTIZED,2"})
    void aCallAllocatesNothing(MiniLm model, int threads) throws IOException {
        Tokenizer tokenizer = model.tokenizer();
        Batch batch = tokenizer.encodeBatch(MiniLm.sentences(tokenizer, List.of(TOKENS)));
        assertThat(batch.shape()).containsExactly(1, TOKENS);
        Session session = model.load().session(SessionOptions.standard().threads(threads));
        Map<String, Tensor> inputs = MiniLm.inputs(batch);
        Map<String, Tensor> outputs =
                Map.of(MiniLm.OUTPUT, session.predict(inputs).tensor(MiniLm.OUTPUT));
        Allocation found = Allocation.steady(CALLS, BOUND, () -> session.predict(inputs, outputs));
        assertThat(found.caller()).as("bytes of %d calls on the caller", CALLS).isLessThanOrEqualTo(BOUND.caller());
        assertThat(found.workers()).as("bytes on workers").isZero();
        boolean canShare = threads > 1 && Runtime.getRuntime().availableProcessors() > 1;
        assertThat(!Allocation.areThereWorkers() && canShare)
                .as("no worker has ever started")
                .isFalse();
    }
}
