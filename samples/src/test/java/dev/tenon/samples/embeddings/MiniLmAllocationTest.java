package dev.tenon.samples.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.samples.text.Batch;
import dev.tenon.samples.text.WordPieceTokenizer;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What calls of the real model into given outputs allocate once they are compiled: nothing. */
@Tag("vector")
@Tag("fresh")
class MiniLmAllocationTest {
    private static final int TOKENS = 16;
    private static final int CALLS_BEFORE = 2000;
    private static final int CALLS = 1000;
    private static final long BYTES_A_CALL = 64;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Map<Thread, Long> workers() {
        Map<Thread, Long> bytes = new HashMap<>();
        for (Thread t : Thread.getAllStackTraces().keySet()) {
            if (t.getName().startsWith("tenon-worker-")) {
                bytes.put(t, THREADS.getThreadAllocatedBytes(t.threadId()));
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32,1", "FLOAT32,2", "QUANTIZED,1", "QUANTIZED,2"})
    void aCallAllocatesNothing(MiniLm model, int threads) throws IOException {
        WordPieceTokenizer tokenizer = model.tokenizer();
        Batch batch = tokenizer.encodeBatch(MiniLm.sentences(tokenizer, List.of(TOKENS)));
        assertThat(batch.shape()).containsExactly(1, TOKENS);
        Session session = model.load().session(SessionOptions.standard().threads(threads));
        Map<String, Tensor> inputs = MiniLm.inputs(batch);
        Map<String, Tensor> outputs =
                Map.of(MiniLm.OUTPUT, session.predict(inputs).tensor(MiniLm.OUTPUT));
        for (int i = 0; i < CALLS_BEFORE; i++) {
            session.predict(inputs, outputs);
        }
        Map<Thread, Long> before = workers();
        boolean canShare = threads > 1 && Runtime.getRuntime().availableProcessors() > 1;
        assertThat(before.isEmpty() && canShare)
                .as("no worker has ever started")
                .isFalse();
        long callerBefore = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            session.predict(inputs, outputs);
        }
        long caller = THREADS.getCurrentThreadAllocatedBytes() - callerBefore;
        assertThat(caller / CALLS)
                .as("bytes a call on the caller, %d in all", caller)
                .isLessThanOrEqualTo(BYTES_A_CALL);
        before.forEach((worker, bytes) -> assertThat(THREADS.getThreadAllocatedBytes(worker.threadId()) - bytes)
                .as("bytes on %s", worker.getName())
                .isZero());
    }
}
