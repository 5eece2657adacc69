package dev.tenon.formats.onnx.lowering;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.data.OnnxTensors;
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

/**
 * Lowers a model: holds the functions, the operator sets and the decoded tensors that all graphs of the model share.
 * Confined to one thread.
 */
public final class ModelLowering {
    /** A record of the graph takes so many times the memory of a record of the file. */
    private static final int RECORDS_OF_FILE = 4;

    private static final long WORK_PER_RECORD = 100;

    private final ModelProto model;
    private final ModelSource source;
    private final OperatorTables tables;
    private final Map<String, FunctionProto> functions = new HashMap<>();
    private final TopologicalOrder order = new TopologicalOrder();
    private final LoweringWork work = new LoweringWork(order);
    private final Map<FunctionProto, OperatorVersions> versions = new IdentityHashMap<>();
    private final Map<Object, Tensor> tensors = new IdentityHashMap<>();
    private long denseBytes;
    private long expanded;

    /**
     * A lowering of one model.
     *
     * @param model the model as the file has it
     * @param source the file and the operators that the caller allows
     * @param tables how operators are lowered
     */
    public ModelLowering(ModelProto model, ModelSource source, OperatorTables tables) {
        this.model = model;
        this.source = source;
        this.tables = tables;
        for (FunctionProto f : model.functions()) {
            functions.put(key(domain(f.domain()), f.name(), f.overload()), f);
        }
    }

    /**
     * Lowers the graph of the model.
     *
     * @param given the names of initializers that become inputs
     * @return the graph in canonical operators
     * @throws MalformedModelException if the model is not well formed
     * @throws UnsupportedModelException if it needs operators that the caller does not allow
     */
    public Graph graph(Set<String> given) {
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

    /** How operators are lowered. */
    OperatorTables tables() {
        return tables;
    }

    /** The function that a node calls, or null if it applies an operator. */
    FunctionProto function(NodeProto node) {
        return functions.get(key(domain(node.domain()), node.opType(), node.overload()));
    }

    /** The operator sets that a function imports. */
    OperatorVersions versions(FunctionProto function) {
        return versions.computeIfAbsent(function, f -> new OperatorVersions("function " + f.name(), f.opsetImports()));
    }

    /** The work of lowering bodies. */
    LoweringWork work() {
        return work;
    }

    /** Orders nodes, and remembers the names that graphs use from around them. */
    TopologicalOrder order() {
        return order;
    }

    /** A tensor of the file, decoded once. */
    Tensor tensor(TensorProto proto) {
        return tensors.computeIfAbsent(proto, p -> OnnxTensors.toTensor(proto, source.external(), source.limits()));
    }

    /** A sparse tensor of the file, made dense once. All of them together keep to the limit for one of them. */
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
     * Counts the records that are lowered in functions and bodies. They are lowered again for each call, and a few
     * nested calls could make billions of nodes.
     *
     * @param where the node, for the error message
     * @param records how many names, attributes and list entries there are, with long strings counted as several
     */
    void countExpanded(String where, long records) {
        WorkBudget.spend(WORK_PER_RECORD * records);
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

    /**
     * The name of a domain. The main domain has two spellings in files.
     *
     * @param domain the name in the file
     * @return the name, empty for the main domain
     */
    public static String domain(String domain) {
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

        /**
         * The version of a domain. A domain that is not imported has version 1, but the main domain must be imported.
         */
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
