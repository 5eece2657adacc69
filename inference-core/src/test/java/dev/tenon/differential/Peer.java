package dev.tenon.differential;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** ONNX Runtime on one thread. */
final class Peer {
    /** The peer does not run a model. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether it does not have the operator for these types, in contrast to refusing the values. */
        private final boolean unknown;

        Refusal(OrtException e) {
            super(e.getMessage(), e);
            String m = String.valueOf(e.getMessage());
            unknown = e.getCode() == OrtException.OrtErrorCode.ORT_NOT_IMPLEMENTED
                    || m.contains("Could not find an implementation")
                    || m.contains("is invalid") && m.contains("Type")
                    || m.contains("is not a registered function/op")
                    || m.contains("No Op registered")
                    || m.contains("type is not supported")
                    || m.contains("Unsupported data type")
                    || m.contains("is not currently registered or supported")
                    || m.contains("NOT_IMPLEMENTED");
        }

        boolean unknown() {
            return unknown;
        }
    }

    private static final Map<DType, OnnxJavaType> FED = new EnumMap<>(Map.of(
            DType.FLOAT32, OnnxJavaType.FLOAT,
            DType.FLOAT64, OnnxJavaType.DOUBLE,
            DType.FLOAT16, OnnxJavaType.FLOAT16,
            DType.BFLOAT16, OnnxJavaType.BFLOAT16,
            DType.INT8, OnnxJavaType.INT8,
            DType.INT16, OnnxJavaType.INT16,
            DType.INT32, OnnxJavaType.INT32,
            DType.INT64, OnnxJavaType.INT64,
            DType.UINT8, OnnxJavaType.UINT8,
            DType.BOOL, OnnxJavaType.BOOL));

    private final OrtEnvironment environment;

    /** Asked once: it depends on the processor. */
    private static final class Saturation {
        private static final boolean FOUND = find();

        private static boolean find() {
            int terms = 64;
            Tensor left = Tensor.allocate(DType.UINT8, 4, terms);
            Tensor right = Tensor.allocate(DType.INT8, terms, 16);
            for (long i = 0; i < left.size(); i++) {
                left.setLong(i, 255);
            }
            for (long i = 0; i < right.size(); i++) {
                right.setLong(i, 127);
            }
            byte[] model = OnnxFile.graph("product")
                    .input("a", left.type())
                    .input("b", right.type())
                    .node("MatMulInteger", List.of("a", "b"), List.of("y"))
                    .output("y")
                    .bytes();
            try {
                Tensor y = (Tensor) new Peer()
                        .run(model, Map.of("a", left, "b", right), false)
                        .getFirst();
                return y.getLong(0) != 255L * 127 * terms;
            } catch (Refusal e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Whether products of unsigned and signed bytes are wrong here where two terms in a row exceed 16 bits. So they are on
     * processors of x86-64 without dot products of bytes.
     */
    static boolean saturates() {
        return Saturation.FOUND;
    }

    Peer() {
        environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "differential");
    }

    /** Whether values of the type can be inputs. The peer's Java interface does not support all types. */
    static boolean takes(Tensor t) {
        return t.size() > 0 && (t.dtype() == DType.STRING || FED.containsKey(t.dtype()));
    }

    /**
     * The type to which outputs of a type are converted, because the Java interface does not support it; null if it
     * does.
     */
    static DType readable(DType type) {
        return switch (type) {
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 -> DType.FLOAT32;
            case INT4, UINT4, INT2, UINT2 -> DType.INT32;
            default -> null;
        };
    }

    /** Makes a session of a model. */
    @FunctionalInterface
    private interface Loader {
        OrtSession load(OrtSession.SessionOptions options) throws OrtException;
    }

    /** The outputs of a model in order. */
    List<Datum> run(byte[] model, Map<String, Tensor> inputs, boolean optimize) throws Refusal {
        return run(options -> environment.createSession(model, options), inputs, optimize);
    }

    /** The outputs of a model file, with external data beside it, in order. */
    List<Datum> run(Path model, Map<String, Tensor> inputs) throws Refusal {
        return run(options -> environment.createSession(model.toString(), options), inputs, true);
    }

    private List<Datum> run(Loader loader, Map<String, Tensor> inputs, boolean optimize) throws Refusal {
        Map<String, OnnxTensor> fed = new LinkedHashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(optimize ? OptLevel.ALL_OPT : OptLevel.NO_OPT);
            try (OrtSession session = loader.load(options)) {
                for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
                    fed.put(e.getKey(), value(e.getValue()));
                }
                try (OrtSession.Result result = session.run(fed)) {
                    List<Datum> outputs = new ArrayList<>();
                    for (Map.Entry<String, OnnxValue> e : result) {
                        outputs.add(datum(e.getValue()));
                    }
                    return outputs;
                }
            }
        } catch (OrtException e) {
            throw new Refusal(e);
        } finally {
            fed.values().forEach(OnnxTensorLike::close);
        }
    }

    private OnnxTensor value(Tensor t) throws OrtException {
        if (t.dtype() == DType.STRING) {
            return OnnxTensor.createTensor(environment, t.toStringArray(), t.dims());
        }
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(t.byteSize())).order(ByteOrder.nativeOrder());
        t.copyTo(bytes);
        bytes.rewind();
        return OnnxTensor.createTensor(environment, bytes, t.dims(), FED.get(t.dtype()));
    }

    private static Datum datum(OnnxValue value) throws OrtException {
        return switch (value) {
            case OnnxTensor t -> tensor(t);
            case OnnxSequence s -> {
                List<Tensor> elements = new ArrayList<>();
                for (OnnxValue e : s.getValue()) {
                    elements.add(tensor((OnnxTensor) e));
                }
                yield elements.isEmpty()
                        ? null
                        : TensorSequence.of(
                                elements.getFirst(),
                                elements.subList(1, elements.size()).toArray(Tensor[]::new));
            }
            default -> throw new AssertionError("an output of kind " + value.getType());
        };
    }

    private static Tensor tensor(OnnxTensor t) throws OrtException {
        TensorInfo info = t.getInfo();
        DType type = type(info);
        if (type == DType.STRING) {
            List<String> texts = new ArrayList<>();
            flatten(t.getValue(), texts);
            return Tensor.of(texts.toArray(String[]::new), info.getShape());
        }
        if (info.getNumElements() == 0) {
            return Tensor.allocate(type, info.getShape());
        }
        return Tensor.copyOf(type, t.getByteBuffer(), info.getShape());
    }

    private static void flatten(Object value, List<String> texts) {
        if (value instanceof Object[] array) {
            for (Object o : array) {
                flatten(o, texts);
            }
        } else {
            texts.add((String) value);
        }
    }

    private static DType type(TensorInfo info) {
        String name = info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
        return Optional.of(name)
                .map(n -> n.equals("FLOAT") ? "FLOAT32" : n.equals("DOUBLE") ? "FLOAT64" : n)
                .map(DType::valueOf)
                .orElseThrow();
    }
}
