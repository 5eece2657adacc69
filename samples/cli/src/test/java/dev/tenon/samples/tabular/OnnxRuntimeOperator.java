package dev.tenon.samples.tabular;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.OnnxWriter;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs an operator of the domain {@code ai.onnx.ml} in ONNX Runtime, on one thread, from a model that Tenon writes. */
final class OnnxRuntimeOperator {
    private static final int OPERATOR_SET = 17;

    private OnnxRuntimeOperator() {}

    /** Writes a model of one operator. */
    static byte[] model(Op op, long domainVersion, Tensor x) {
        GraphBuilder b = new GraphBuilder("peer");
        Value input = b.input("X", x.type());
        List<String> names = op.schema().outputs().size() == 1 ? List.of("Y") : List.of("Y", "Z");
        for (Value v : b.add(op, "op", List.of(input), names)) {
            b.output(v);
        }
        ModelMetadata metadata =
                new ModelMetadata("", "", "", 0, "", Map.of(op.schema().domain(), domainVersion), Map.of());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new OnnxWriter()
                    .write(
                            new ModelFile(b.build(), metadata),
                            Channels.newChannel(out),
                            WriteOptions.standard().withOperatorSet(OPERATOR_SET));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    /** Runs a model of one input. Returns all outputs. */
    static List<Tensor> run(byte[] model, Tensor x) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(model, options);
                    OnnxTensor input = tensor(environment, x);
                    OrtSession.Result result = session.run(Map.<String, OnnxTensorLike>of("X", input))) {
                List<Tensor> outputs = new ArrayList<>();
                for (Map.Entry<String, OnnxValue> e : result) {
                    outputs.add(tensor((OnnxTensor) e.getValue()));
                }
                return outputs;
            }
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor x) throws OrtException {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) x.byteSize()).order(ByteOrder.nativeOrder());
        x.copyTo(bytes);
        bytes.flip();
        return switch (x.dtype()) {
            case FLOAT32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), x.dims());
            case FLOAT64 -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), x.dims());
            case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), x.dims());
            default -> throw new IllegalArgumentException(x.type().toString());
        };
    }

    private static Tensor tensor(OnnxTensor t) throws OrtException {
        long[] dims = t.getInfo().getShape();
        return switch (t.getInfo().type) {
            case FLOAT -> Tensor.copyOf(DType.FLOAT32, t.getByteBuffer(), dims);
            case DOUBLE -> Tensor.copyOf(DType.FLOAT64, t.getByteBuffer(), dims);
            case INT64 -> Tensor.copyOf(DType.INT64, t.getByteBuffer(), dims);
            case STRING -> Tensor.of((String[]) t.getValue(), dims);
            default -> throw new IllegalStateException(t.getInfo().toString());
        };
    }
}
