package dev.tenon.samples.embeddings;

import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.TensorShapeProto;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A quantised model that is cut at its DynamicQuantizeLinear nodes. Rounding to 255 levels makes such a model
 * discontinuous: a difference in the last bit can change a level, and six layers amplify that. Even the same runtime
 * gives other results if it adds in another order. The pieces between the cuts are continuous, and they can be compared
 * if all get the same levels.
 */
final class CutModel {
    private static final String QUANTIZE = "DynamicQuantizeLinear";
    private static final int FLOAT32 = 1;
    private static final int UINT8 = 2;

    private final ModelProto model;

    private CutModel(ModelProto model) {
        this.model = model;
    }

    static CutModel of(Path file) {
        Limits limits = Limits.standard();
        return new CutModel(OnnxProtoReader.readModel(ModelBytes.map(file, limits), limits));
    }

    List<NodeProto> quantizations() {
        return model.graph().nodes().stream()
                .filter(n -> n.opType().equals(QUANTIZE))
                .toList();
    }

    /** The whole model, with the inputs and outputs of each quantisation as additional outputs. */
    byte[] open() {
        List<ValueInfoProto> outputs = new ArrayList<>(model.graph().outputs());
        for (NodeProto n : quantizations()) {
            n.inputs().forEach(name -> outputs.add(untyped(name)));
            n.outputs().forEach(name -> outputs.add(untyped(name)));
        }
        return bytes(model.graph().nodes(), model.graph().inputs(), outputs);
    }

    /** The model without quantisations. Their inputs become outputs of the model, their outputs become inputs. */
    byte[] pieces() {
        List<NodeProto> nodes = model.graph().nodes().stream()
                .filter(n -> !n.opType().equals(QUANTIZE))
                .toList();
        List<ValueInfoProto> inputs = new ArrayList<>(model.graph().inputs());
        List<ValueInfoProto> outputs = new ArrayList<>(model.graph().outputs());
        for (NodeProto n : quantizations()) {
            outputs.add(untyped(n.inputs().getFirst()));
            inputs.add(typed(n.outputs().get(0), UINT8, Optional.empty()));
            inputs.add(typed(n.outputs().get(1), FLOAT32, Optional.of(new TensorShapeProto(List.of()))));
            inputs.add(typed(n.outputs().get(2), UINT8, Optional.of(new TensorShapeProto(List.of()))));
        }
        return bytes(nodes, inputs, outputs);
    }

    private static ValueInfoProto untyped(String name) {
        return new ValueInfoProto(name, Optional.empty(), "", List.of());
    }

    private static ValueInfoProto typed(String name, int elementType, Optional<TensorShapeProto> shape) {
        TypeProto type = TypeProto.of(new TypeProto.DenseType(elementType, shape));
        return new ValueInfoProto(name, Optional.of(type), "", List.of());
    }

    private byte[] bytes(List<NodeProto> nodes, List<ValueInfoProto> inputs, List<ValueInfoProto> outputs) {
        GraphProto g = model.graph();
        GraphProto graph = new GraphProto(
                g.name(),
                nodes,
                g.initializers(),
                g.sparseInitializers(),
                inputs,
                outputs,
                List.of(),
                "",
                List.of(),
                List.of());
        ModelProto changed = new ModelProto(
                model.irVersion(), model.opsetImports(), "", "", "", 0, "", graph, List.of(), model.functions());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            OnnxProtoWriter.encode(changed).writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
