package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.WireReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads models, graphs, nodes and functions. Recurses once for each graph in a graph. The budget bounds the depth. */
final class ModelParser {
    private final ReadBudget budget;
    private final TensorParser tensors;

    ModelParser(ReadBudget budget) {
        this.budget = budget;
        this.tensors = new TensorParser(budget);
    }

    ModelProto model(WireReader in) {
        long irVersion = 0;
        List<OperatorSetId> opsets = new ArrayList<>();
        String producerName = "";
        String producerVersion = "";
        String domain = "";
        long modelVersion = 0;
        String docString = "";
        GraphProto graph = null;
        List<StringEntry> metadata = new ArrayList<>();
        List<FunctionProto> functions = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> irVersion = in.int64();
                case 2 -> producerName = budget.string(in);
                case 3 -> producerVersion = budget.string(in);
                case 4 -> domain = budget.string(in);
                case 5 -> modelVersion = in.int64();
                case 6 -> docString = budget.string(in);
                case 7 -> {
                    TensorParser.once(in, graph != null);
                    graph = graph(in.message("GraphProto"));
                }
                case 8 -> opsets.add(opset(in));
                case 14 -> metadata.add(tensors.entry(in));
                case 25 -> functions.add(function(in.message("FunctionProto")));
                default -> in.skip();
            }
        }
        if (graph == null) {
            throw in.malformed("no graph", "a model with a graph");
        }
        return new ModelProto(
                irVersion,
                opsets,
                producerName,
                producerVersion,
                domain,
                modelVersion,
                docString,
                graph,
                metadata,
                functions);
    }

    GraphProto graph(WireReader in) {
        budget.enter(in);
        String name = "";
        List<NodeProto> nodes = new ArrayList<>();
        List<TensorProto> initializers = new ArrayList<>();
        List<SparseTensorProto> sparseInitializers = new ArrayList<>();
        List<ValueInfoProto> inputs = new ArrayList<>();
        List<ValueInfoProto> outputs = new ArrayList<>();
        List<ValueInfoProto> valueInfos = new ArrayList<>();
        String docString = "";
        List<TensorAnnotation> annotations = new ArrayList<>();
        List<StringEntry> metadata = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> nodes.add(node(in.message("NodeProto")));
                case 2 -> name = budget.string(in);
                case 5 -> initializers.add(tensors.tensor(in.message("TensorProto")));
                case 10 -> docString = budget.string(in);
                case 11 -> inputs.add(valueInfo(in.message("ValueInfoProto")));
                case 12 -> outputs.add(valueInfo(in.message("ValueInfoProto")));
                case 13 -> valueInfos.add(valueInfo(in.message("ValueInfoProto")));
                case 14 -> annotations.add(annotation(in.message("TensorAnnotation")));
                case 15 -> sparseInitializers.add(tensors.sparseTensor(in.message("SparseTensorProto")));
                case 16 -> metadata.add(tensors.entry(in));
                default -> in.skip();
            }
        }
        budget.leave();
        return new GraphProto(
                name,
                nodes,
                initializers,
                sparseInitializers,
                inputs,
                outputs,
                valueInfos,
                docString,
                annotations,
                metadata);
    }

    private NodeProto node(WireReader in) {
        budget.node(in);
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        String name = "";
        String opType = "";
        String domain = "";
        String overload = "";
        List<AttributeProto> attributes = new ArrayList<>();
        String docString = "";
        List<StringEntry> metadata = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> inputs.add(budget.string(in));
                case 2 -> outputs.add(budget.string(in));
                case 3 -> name = budget.string(in);
                case 4 -> opType = budget.string(in);
                case 5 -> attributes.add(attribute(in));
                case 6 -> docString = budget.string(in);
                case 7 -> domain = budget.string(in);
                case 8 -> overload = budget.string(in);
                case 9 -> metadata.add(tensors.entry(in));
                default -> in.skip();
            }
        }
        return new NodeProto(inputs, outputs, name, opType, domain, overload, attributes, docString, metadata);
    }

    private AttributeProto attribute(WireReader in) {
        return new AttributeParser(budget, tensors, this).attribute(in.message("AttributeProto"));
    }

    private FunctionProto function(WireReader in) {
        budget.record(in);
        String name = "";
        String domain = "";
        String overload = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<String> attributes = new ArrayList<>();
        List<AttributeProto> defaults = new ArrayList<>();
        List<NodeProto> nodes = new ArrayList<>();
        List<OperatorSetId> opsets = new ArrayList<>();
        List<ValueInfoProto> valueInfos = new ArrayList<>();
        String docString = "";
        List<StringEntry> metadata = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 4 -> inputs.add(budget.string(in));
                case 5 -> outputs.add(budget.string(in));
                case 6 -> attributes.add(budget.string(in));
                case 7 -> nodes.add(node(in.message("NodeProto")));
                case 8 -> docString = budget.string(in);
                case 9 -> opsets.add(opset(in));
                case 10 -> domain = budget.string(in);
                case 11 -> defaults.add(attribute(in));
                case 12 -> valueInfos.add(valueInfo(in.message("ValueInfoProto")));
                case 13 -> overload = budget.string(in);
                case 14 -> metadata.add(tensors.entry(in));
                default -> in.skip();
            }
        }
        return new FunctionProto(
                name,
                domain,
                overload,
                inputs,
                outputs,
                attributes,
                defaults,
                nodes,
                opsets,
                valueInfos,
                docString,
                metadata);
    }

    private OperatorSetId opset(WireReader outer) {
        budget.record(outer);
        WireReader in = outer.message("OperatorSetIdProto");
        String domain = "";
        long version = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> domain = budget.string(in);
                case 2 -> version = in.int64();
                default -> in.skip();
            }
        }
        return new OperatorSetId(domain, version);
    }

    private ValueInfoProto valueInfo(WireReader in) {
        budget.record(in);
        String name = "";
        Optional<TypeProto> type = Optional.empty();
        String docString = "";
        List<StringEntry> metadata = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 2 -> {
                    TensorParser.once(in, type.isPresent());
                    type = Optional.of(tensors.type(in.message("TypeProto")));
                }
                case 3 -> docString = budget.string(in);
                case 4 -> metadata.add(tensors.entry(in));
                default -> in.skip();
            }
        }
        return new ValueInfoProto(name, type, docString, metadata);
    }

    private TensorAnnotation annotation(WireReader in) {
        budget.record(in);
        String name = "";
        List<StringEntry> parameters = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 2 -> parameters.add(tensors.entry(in));
                default -> in.skip();
            }
        }
        return new TensorAnnotation(name, parameters);
    }
}
