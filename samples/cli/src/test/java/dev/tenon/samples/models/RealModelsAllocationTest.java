package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Allocation;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Calls of real models into given outputs allocate nothing once the JVM has compiled them, neither on the caller nor on
 * worker threads. An exception are models with bodies of control-flow operators.
 */
@Tag("models")
@Tag("vector")
@Tag("fresh")
class RealModelsAllocationTest {
    private static final long SEED = 0x5EED;
    private static final int CALLS = 25;
    private static final long BYTES_A_CALL = 64;

    /**
     * The bytes that a call of the voice model allocates: its bodies receive and return copies of values of 4,356
     * bytes.
     */
    private static final long BYTES_OF_BODIES = 3 * 4356;

    private static void check(Object what, Path file, int threads, Map<String, Tensor> inputs, long bytesOfCaller) {
        Session session = Model.load(file).session(SessionOptions.standard().threads(threads));
        Outputs first = session.predict(inputs);
        Map<String, Tensor> outputs = new HashMap<>();
        first.keySet().forEach(name -> outputs.put(name, first.tensor(name)));
        Allocation bound = new Allocation(CALLS * bytesOfCaller, CALLS * BYTES_A_CALL);
        Allocation found = Allocation.steady(CALLS, bound, () -> session.predict(inputs, outputs));
        assertThat(found.caller())
                .as("bytes of %d calls of %s on the caller", CALLS, what)
                .isLessThanOrEqualTo(bound.caller());
        assertThat(found.workers())
                .as("bytes of %d calls of %s on workers", CALLS, what)
                .isLessThanOrEqualTo(bound.workers());
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
    void aCallAllocatesNothing(RealModel real, int threads, long first, long second) {
        TestData.fetched(real.path());
        Map<String, Tensor> inputs = real.inputs(new long[] {first, second}, new SplittableRandom(SEED));
        long bytes = real == RealModel.VOICE ? BYTES_OF_BODIES : BYTES_A_CALL;
        check(real, real.path(), threads, inputs, bytes);
        boolean canShare = threads > 1 && Runtime.getRuntime().availableProcessors() > 1;
        assertThat(!Allocation.areThereWorkers() && canShare)
                .as("no worker has ever started")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"mnist_cnn,1,28", "mnist_cnn,2,28", "digits_mobile,1,8", "digits_mobile,2,8"})
    void aCallOfATrainedNetworkAllocatesNothing(String name, int threads, long size) {
        Path folder = TestData.shared("models", "trained", name);
        Tensor image = Tensor.allocate(DType.FLOAT32, 1, 1, size, size);
        SplittableRandom random = new SplittableRandom(SEED);
        for (long i = 0; i < image.size(); i++) {
            image.setDouble(i, random.nextDouble());
        }
        check(name, folder.resolve("model.onnx"), threads, Map.of("input", image), BYTES_A_CALL);
    }
}
