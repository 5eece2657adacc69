package dev.tenon.formats.onnx;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is the same for all graphs of one model while it is lowered: its functions, its operator sets, its source. */
final class ModelLowering {
    private final ModelProto model;
    private final ModelSource source;
    private final Map<String, FunctionProto> functions = new HashMap<>();
    private long expanded;

    ModelLowering(ModelProto model, ModelSource source) {
        this.model = model;
        this.source = source;
        for (FunctionProto f : model.functions()) {
            functions.put(key(domain(f.domain()), f.name(), f.overload()), f);
        }
    }

    Graph graph() {
        GraphProto graph = model.graph();
        if (graph == null) {
            throw new MalformedModelException(source.bytes().name(), "no graph", "a model with a graph", null);
        }
        GraphBuilder builder = new GraphBuilder(graph.name());
        OperatorVersions versions = new OperatorVersions(source.bytes().name(), model.opsetImports());
        return new GraphLowering(this, null, builder, versions).model(graph);
    }

    ModelSource source() {
        return source;
    }

    /** The function that a node calls, or null if it applies an operator. */
    FunctionProto function(NodeProto node) {
        return functions.get(key(domain(node.domain()), node.opType(), node.overload()));
    }

    /** Counts the nodes that functions expand to: a few nested calls could otherwise make billions. */
    void countExpanded(NodeProto node) {
        if (++expanded > source.limits().maxNodes()) {
            throw new MalformedModelException(
                    source.bytes().name() + ", node '" + node.name() + "'",
                    "functions that expand to more than " + source.limits().maxNodes() + " nodes",
                    "at most Limits.maxNodes",
                    "raise Limits.maxNodes if the source is trusted");
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
