package dev.tenon.benchmarks.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A call of ONNX Runtime with its default options and a given number of threads. Inputs and outputs are direct buffers,
 * which are allocated before the call and are used in place. If an output is a sequence or a map, each call makes new outputs,
 * whose values are only read for {@link #output}.
 */
public final class OnnxRuntimeRun implements PreparedRun {
    private interface Loading {
        OrtSession load(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final List<Tensor> results = new ArrayList<>();

    /** Whether all outputs are tensors and bound to memory. */
    private boolean bound = true;

    private OrtSession.Result last;

    /**
     * Loads a model and runs it once to get the shapes of its outputs.
     *
     * @param model an ONNX file
     * @param threads threads of one call, at least 1
     * @param inputs a tensor for each input, by name
     */
    public OnnxRuntimeRun(Path model, int threads, Map<String, Tensor> inputs) {
        this((environment, options) -> environment.createSession(model.toString(), options), threads, inputs);
    }

    /**
     * Loads a model from bytes and runs it once to get the shapes of its outputs.
     *
     * @param model the bytes of an ONNX file
     * @param folder the folder of its external data
     * @param threads threads of one call, at least 1
     * @param inputs a tensor for each input, by name
     */
    public OnnxRuntimeRun(byte[] model, Path folder, int threads, Map<String, Tensor> inputs) {
        this(
                (environment, options) -> {
                    options.addConfigEntry("session.model_external_initializers_file_folder_path", folder.toString());
                    return environment.createSession(model, options);
                },
                threads,
                inputs);
    }

    private OnnxRuntimeRun(Loading loading, int threads, Map<String, Tensor> inputs) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = loading.load(environment, options);
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                this.inputs.put(input.getKey(), copy(environment, input.getValue()));
            }
            try (OrtSession.Result first = session.run(this.inputs)) {
                for (Map.Entry<String, OnnxValue> output : first) {
                    bound &= output.getValue() instanceof OnnxTensor;
                }
                if (bound) {
                    for (Map.Entry<String, OnnxValue> output : first) {
                        bind(environment, output.getKey(), (TensorInfo)
                                output.getValue().getInfo());
                    }
                }
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private void bind(OrtEnvironment environment, String name, TensorInfo info) throws OrtException {
        DType type = type(info.type);
        long[] dims = info.getShape();
        long elements = 1;
        for (long dim : dims) {
            elements = Math.multiplyExact(elements, dim);
        }
        ByteBuffer bytes = direct(type.byteSize(elements));
        outputs.put(name, OnnxTensor.createTensor(environment, bytes, dims, info.type));
        results.add(Tensor.of(type, MemorySegment.ofBuffer(bytes), dims));
    }

    private static DType type(OnnxJavaType type) {
        return switch (type) {
            case FLOAT -> DType.FLOAT32;
            case DOUBLE -> DType.FLOAT64;
            case FLOAT16 -> DType.FLOAT16;
            case BFLOAT16 -> DType.BFLOAT16;
            case INT8 -> DType.INT8;
            case UINT8 -> DType.UINT8;
            case INT16 -> DType.INT16;
            case INT32 -> DType.INT32;
            case INT64 -> DType.INT64;
            case BOOL -> DType.BOOL;
            default -> throw new IllegalArgumentException("an output of " + type + " cannot be compared");
        };
    }

    /**
     * Whether an element type is supported for inputs.
     *
     * @param dtype the type
     * @return true if it is
     */
    public static boolean takes(DType dtype) {
        return type(dtype) != null;
    }

    private static OnnxJavaType type(DType dtype) {
        for (OnnxJavaType type : OnnxJavaType.values()) {
            if (type != OnnxJavaType.STRING && type != OnnxJavaType.UNKNOWN && type(type) == dtype) {
                return type;
            }
        }
        return null;
    }

    private static OnnxTensor copy(OrtEnvironment environment, Tensor tensor) throws OrtException {
        if (!takes(tensor.dtype())) {
            throw new IllegalArgumentException("an input of " + tensor.dtype() + " cannot be passed to ONNX Runtime");
        }
        ByteBuffer bytes = direct(tensor.byteSize());
        tensor.copyTo(bytes.duplicate().order(ByteOrder.nativeOrder()));
        return OnnxTensor.createTensor(environment, bytes, tensor.dims(), type(tensor.dtype()));
    }

    private static ByteBuffer direct(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    public void run() {
        try {
            if (bound) {
                session.run(inputs, outputs).close();
                return;
            }
            if (last != null) {
                last.close();
            }
            last = session.run(inputs);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output() {
        if (bound) {
            return Values.floats(results);
        }
        Values values = new Values();
        try {
            for (Map.Entry<String, OnnxValue> output : last) {
                add(values, output.getValue());
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
        return values.toArray();
    }

    private static void add(Values values, Object value) throws OrtException {
        switch (value) {
            case OnnxTensor t -> {
                TensorInfo info = t.getInfo();
                Tensor copy = Tensor.copyOf(
                        type(info.type), t.getByteBuffer().order(ByteOrder.nativeOrder()), info.getShape());
                for (float x : Values.floats(List.of(copy))) {
                    values.add(x);
                }
            }
            case OnnxSequence sequence -> {
                for (OnnxValue element : sequence.getValue()) {
                    add(values, element);
                }
            }
            case OnnxMap map -> {
                Map<String, Object> sorted = new TreeMap<>();
                map.getValue().forEach((key, x) -> sorted.put(key.toString(), x));
                for (Object x : sorted.values()) {
                    add(values, x);
                }
            }
            case Number n -> values.add(n.floatValue());
            default -> throw new IllegalArgumentException("an output of " + value.getClass() + " cannot be compared");
        }
    }

    @Override
    public void close() {
        try {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
            if (last != null) {
                last.close();
            }
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
