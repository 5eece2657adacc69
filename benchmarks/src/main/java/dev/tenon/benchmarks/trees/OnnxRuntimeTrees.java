package dev.tenon.benchmarks.trees;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.tenon.Model;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.Values;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trees in ONNX Runtime, read from the ONNX file that Tenon writes of them. */
public final class OnnxRuntimeTrees implements PreparedRun {
    private static final String OUTPUT = "prediction";

    private final CycledRows rows;
    private final DType type;
    private final OrtSession session;
    private final MemorySegment memory;
    private final Map<String, OnnxTensor> input;
    private final Map<String, OnnxTensor> output;
    private final Tensor result;

    /**
     * Loads trees.
     *
     * @param file the file of the tool that trained them
     * @param rows the rows of the calls
     * @param threads the threads of a call
     */
    public OnnxRuntimeTrees(Path file, CycledRows rows, int threads) {
        this.rows = rows;
        Model model = Model.load(file);
        type = ((TensorType) model.inputs().getFirst().type()).dtype();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            Path saved = Files.createTempFile("trees", ".onnx");
            try {
                model.save(saved);
                session = environment.createSession(saved.toString(), options);
            } finally {
                Files.delete(saved);
            }
            ByteBuffer in = direct(rows.rows() * rows.columns());
            memory = MemorySegment.ofBuffer(in);
            input = Map.of("features", tensor(environment, in, rows.rows(), rows.columns()));
            ByteBuffer out = direct(rows.rows());
            result = Tensor.of(type, MemorySegment.ofBuffer(out), rows.rows(), 1);
            output = Map.of(OUTPUT, tensor(environment, out, rows.rows(), 1));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ByteBuffer direct(int cells) {
        return ByteBuffer.allocateDirect(Math.toIntExact(type.byteSize(cells))).order(ByteOrder.nativeOrder());
    }

    private OnnxTensor tensor(OrtEnvironment environment, ByteBuffer bytes, long... dims) throws OrtException {
        return type == DType.FLOAT32
                ? OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), dims)
                : OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), dims);
    }

    @Override
    public void run() {
        TenonTrees.copy(rows, type, memory);
        try {
            session.run(input, output).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output() {
        return Values.floats(List.of(result));
    }

    @Override
    public void close() {
        try {
            input.values().forEach(OnnxTensor::close);
            output.values().forEach(OnnxTensor::close);
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
