package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.samples.models.RealModelsTest.RealModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What calls of real models into given outputs allocate once they are compiled: nothing, neither on the caller nor on
 * workers, where no control operator has bodies. Calls are counted in rounds, and one round that takes nothing is enough: those before are not compiled yet,
 * and a call that always takes memory takes it in all of them.
 */
@Tag("models")
@Tag("vector")
@Tag("fresh")
class RealModelsAllocationTest {
    private static final long SEED = 0x5EED;
    private static final int CALLS = 25;
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final long BYTES_A_CALL = 64;

    /** What a call of the voice model takes: bodies of control operators get and give copies of 4,356 bytes of values. */
    private static final long BYTES_OF_BODIES = 3 * 4356;

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

    /** Calls until a round takes no more than the bound, on the caller and on workers, or patience is at its end. */
    private static void check(Object what, Path file, int threads, Map<String, Tensor> inputs, long bytesOfCaller) {
        Session session = Model.load(file).session(SessionOptions.standard().threads(threads));
        Outputs first = session.predict(inputs);
        Map<String, Tensor> outputs = new HashMap<>();
        first.keySet().forEach(name -> outputs.put(name, first.tensor(name)));
        long caller = Long.MAX_VALUE;
        long helpers = Long.MAX_VALUE;
        long start = System.nanoTime();
        while ((caller > bytesOfCaller || helpers > BYTES_A_CALL) && System.nanoTime() - start < PATIENCE_NANOS) {
            Map<Thread, Long> before = workers();
            long callerBefore = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                session.predict(inputs, outputs);
            }
            caller = (THREADS.getCurrentThreadAllocatedBytes() - callerBefore) / CALLS;
            helpers = before.entrySet().stream()
                            .mapToLong(e ->
                                    THREADS.getThreadAllocatedBytes(e.getKey().threadId()) - e.getValue())
                            .sum()
                    / CALLS;
        }
        assertThat(caller).as("bytes a call of %s on the caller", what).isLessThanOrEqualTo(bytesOfCaller);
        assertThat(helpers).as("bytes a call of %s on workers", what).isLessThanOrEqualTo(BYTES_A_CALL);
    }

    @ParameterizedTest
    @CsvSource({
        "FACES,1,256,256",
        "FACES,2,256,256",
        "VOICE,1,1,16000",
        "VOICE,2,1,16000",
        "OCR_DIRECTION,1,1,192",
        "OCR_DIRECTION,2,1,192",
        "MOBILENET,1,224,224",
        "MOBILENET,2,224,224",
        "MOBILENET_QDQ,2,224,224"
    })
    void aCallAllocatesNothing(RealModel real, int threads, long first, long second, TestReporter reporter) {
        if (TestData.isFetched(real.path(), reporter)) {
            Map<String, Tensor> inputs = real.inputs(new long[] {first, second}, new SplittableRandom(SEED));
            long bytes = real == RealModel.VOICE ? BYTES_OF_BODIES : BYTES_A_CALL;
            check(real, real.path(), threads, inputs, bytes);
            boolean canShare = threads > 1 && Runtime.getRuntime().availableProcessors() > 1;
            assertThat(workers().isEmpty() && canShare)
                    .as("no worker has ever started")
                    .isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"mnist_cnn,1,28", "mnist_cnn,2,28", "digits_mobile,1,8", "digits_mobile,2,8"})
    void aCallOfATrainedNetworkAllocatesNothing(String name, int threads, long size, TestReporter reporter) {
        Path folder = TestData.shared(reporter, "models", "trained", name);
        if (folder != null) {
            Tensor image = Tensor.allocate(DType.FLOAT32, 1, 1, size, size);
            SplittableRandom random = new SplittableRandom(SEED);
            for (long i = 0; i < image.size(); i++) {
                image.setDouble(i, random.nextDouble());
            }
            check(name, folder.resolve("model.onnx"), threads, Map.of("input", image), BYTES_A_CALL);
        }
    }
}
