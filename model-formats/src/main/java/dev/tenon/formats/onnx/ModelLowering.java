package dev.tenon.formats.onnx;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is the same for all graphs of one model while it is lowered: its functions, its operator sets, its source. */
final class ModelLowering {
    /** A record of the file takes less memory than one of the graph: this many times less. */
    private static final int RECORDS_OF_FILE = 4;

    private final ModelProto model;
    private final ModelSource source;
    private final Map<String, FunctionProto> functions = new HashMap<>();
    private final NodeOrder order = new NodeOrder();
    private final Map<Object, Tensor> tensors = new IdentityHashMap<>();
    private long denseBytes;
    private long expanded;

    ModelLowering(ModelProto model, ModelSource source) {
        this.model = model;
        this.source = source;
        for (FunctionProto f : model.functions()) {
            functions.put(key(domain(f.domain()), f.name(), f.overload()), f);
        }
    }

    /**
     * The graph.
     *
     * @param given the names of initializers that are inputs, whatever their values
     */
    Graph graph(Set<String> given) {
        GraphProto graph = model.graph();
        if (graph == null) {
            throw new MalformedModelException(source.bytes().name(), "no graph", "a model with a graph", null);
        }
        GraphBuilder builder = new GraphBuilder(graph.name());
        OperatorVersions versions = new OperatorVersions(source.bytes().name(), model.opsetImports());
        return new GraphLowering(this, null, builder, versions).model(graph, given);
    }

    ModelSource source() {
        return source;
    }

    /** The function that a node calls, or null if it applies an operator. */
    FunctionProto function(NodeProto node) {
        return functions.get(key(domain(node.domain()), node.opType(), node.overload()));
    }

    /** The order of nodes, which remembers what graphs use from around them. */
    NodeOrder order() {
        return order;
    }

    /** A tensor of the file, decoded once. */
    Tensor tensor(TensorProto proto) {
        return tensors.computeIfAbsent(proto, p -> OnnxTensors.toTensor(proto, source.external(), source.limits()));
    }

    /** A sparse tensor of the file, made dense once. All of them together keep to the limit on one. */
    Tensor tensor(SparseTensorProto proto) {
        Tensor known = tensors.get(proto);
        if (known != null) {
            return known;
        }
        Tensor dense = OnnxTensors.toTensor(proto, source.external(), source.limits());
        denseBytes += dense.dtype() == DType.STRING ? Long.BYTES * dense.size() : dense.byteSize();
        if (denseBytes > source.limits().maxExpandedBytes()) {
            throw new ResourceLimitException(
                    source.bytes().name() + ", sparse tensor '" + proto.values().name() + "'",
                    denseBytes + " bytes for all sparse tensors when made dense",
                    "at most " + source.limits().maxExpandedBytes(),
                    "raise Limits.maxExpandedBytes if the source is trusted");
        }
        tensors.put(proto, dense);
        return dense;
    }

    /**
     * Counts what is lowered in functions and bodies, which can happen more than once: a few nested calls could otherwise
     * make billions of nodes.
     *
     * @param where the node, for the message
     * @param records how many names, attributes and list entries are handled
     */
    void countExpanded(String where, long records) {
        expanded += records;
        long most = Math.max(1, source.limits().maxRecords() / RECORDS_OF_FILE);
        if (expanded > most) {
            throw new ResourceLimitException(
                    source.bytes().name() + ", " + where,
                    "functions and bodies that expand to more than " + most + " names, attributes and list entries",
                    "at most Limits.maxRecords / " + RECORDS_OF_FILE,
                    "raise Limits.maxRecords if the source is trusted");
        }
    }

    private static String key(String domain, String name, String overload) {
        return domain + "::" + name + "::" + overload;
    }

    /** The main domain has two spellings. */
    static String domain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }

    /** The versions of operator sets that a model or a function imports. */
    record OperatorVersions(String where, Map<String, Long> byDomain) {
        OperatorVersions(String where, List<OperatorSetId> imports) {
            this(where, map(imports));
        }

        private static Map<String, Long> map(List<OperatorSetId> imports) {
            Map<String, Long> versions = new HashMap<>();
            for (OperatorSetId id : imports) {
                versions.merge(domain(id.domain()), id.version(), Math::max);
            }
            return versions;
        }

        /** The version of a domain: 1 for other domains that are not imported, an error for the main one. */
        long of(String domain) {
            Long version = byDomain.get(domain);
            if (version == null && domain.isEmpty()) {
                throw new UnsupportedModelException(
                        where,
                        "no import of the main operator set",
                        "an opset_import of the empty domain",
                        "say which version the model was written for");
            }
            return version == null ? 1 : version;
        }
    }
}
