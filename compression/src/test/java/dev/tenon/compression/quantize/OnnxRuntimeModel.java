package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** A saved model in ONNX Runtime, on one thread. */
final class OnnxRuntimeModel implements AutoCloseable {
    private static final List<OptLevel> LEVELS = List.of(OptLevel.NO_OPT, OptLevel.ALL_OPT);
    private static final Set<String> INTEGER_PRODUCTS =
            Set.of("MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv");

    /**
     * On processors of x86-64 without dot products of bytes, products of unsigned and signed ones saturate. Asked once: it depends
     * on the processor.
     */
    private static final class Saturation {
        private static final boolean FOUND = saturates();
    }

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxRuntimeModel(byte[] model, OptLevel level) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(level);
            session = environment.createSession(model, options);
        }
    }

    static byte[] bytes(Model model, int operatorSet) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        model.save(out, SaveOptions.standard().operatorSet(operatorSet));
        return out.toByteArray();
    }

    private OnnxTensor tensor(Tensor t) throws OrtException {
        return t.dtype() == DType.INT64
                ? OnnxTensor.createTensor(environment, LongBuffer.wrap(t.toLongArray()), t.dims())
                : OnnxTensor.createTensor(environment, FloatBuffer.wrap(t.toFloatArray()), t.dims());
    }

    float[] run(Map<String, Tensor> inputs, String output) throws OrtException {
        Map<String, OnnxTensor> given = new HashMap<>();
        try {
            for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
                given.put(e.getKey(), tensor(e.getValue()));
            }
            try (OrtSession.Result result = session.run(given)) {
                OnnxValue value = result.get(output).orElseThrow();
                FloatBuffer buffer = ((OnnxTensor) value).getFloatBuffer();
                float[] numbers = new float[buffer.remaining()];
                buffer.get(numbers);
                return numbers;
            }
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    /**
     * Saves a model, loads it in ONNX Runtime, and compares outputs with Tenon's. Without optimisation ONNX Runtime computes the
     * same formulas. Its fused operators multiply both scales first, so that a number half way between two steps may be rounded
     * to the other one: those results are compared by their squares. Where its products of bytes saturate, a model that has some
     * must run there, and nothing more can be said.
     *
     * @param steps the bound for the error of fused operators: relative to the largest output
     */
    static void agrees(Model model, int operatorSet, List<Map<String, Tensor>> calls, String output, double steps)
            throws OrtException {
        boolean multiplies = Graphs.operators(model.graph()).stream().anyMatch(INTEGER_PRODUCTS::contains);
        byte[] bytes = bytes(model, operatorSet);
        for (OptLevel level : LEVELS) {
            // Optimisation makes products of bytes of operators between pairs of quantisation.
            boolean compares = !Saturation.FOUND || !multiplies && level == OptLevel.NO_OPT;
            try (OnnxRuntimeModel other = new OnnxRuntimeModel(bytes, level)) {
                for (Map<String, Tensor> call : calls) {
                    float[] expected = other.run(call, output);
                    float[] found = model.predict(call).tensor(output).toFloatArray();
                    assertThat(found).hasSameSizeAs(expected);
                    assertThat(distance(expected, found))
                            .as("%s", level)
                            .isLessThanOrEqualTo(compares ? steps : Double.MAX_VALUE);
                }
            }
        }
        Assumptions.assumeFalse(
                Saturation.FOUND && multiplies,
                "it runs in ONNX Runtime, whose products of bytes saturate on this processor");
    }

    /** The largest difference, relative to the largest number. */
    private static double distance(float[] expected, float[] found) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - found[i]));
        }
        return difference / largest;
    }

    private static boolean saturates() {
        Model product = Graphs.model("""
                graph product(%x: f32[4,64]) {
                  %most = const i8[] {127}
                  %dims = const i64[2] {64, 16}
                  %a = Cast<to=2>(%x)
                  %b = Expand(%most, %dims)
                  %p = MatMulInteger(%a, %b)
                  %y = Cast<to=1>(%p)
                  return %y
                }
                """, Map.of());
        float[] all = new float[4 * 64];
        Arrays.fill(all, 255);
        try (OnnxRuntimeModel plain = new OnnxRuntimeModel(bytes(product, 17), OptLevel.NO_OPT)) {
            return plain.run(Map.of("x", Tensor.of(all, 4, 64)), "y")[0] != 255 * 127 * 64;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
