package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.formats.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Reads one attribute. Its type tells which field holds the value. Files of the first IR version have no type, and the
 * value is the one field that is there.
 */
final class AttributeParser {
    private static final AttributeType[] TYPES = AttributeType.values();

    private final ReadBudget budget;
    private final TensorParser tensors;
    private final ModelParser models;

    private final Set<AttributeType> present = EnumSet.noneOf(AttributeType.class);
    private final Scalars.Builder floats = new Scalars.Builder(Scalars.Encoding.FIXED32);
    private final Scalars.Builder ints = new Scalars.Builder(Scalars.Encoding.VARINT);
    private final List<MemorySegment> strings = new ArrayList<>();
    private final List<TensorProto> tensorList = new ArrayList<>();
    private final List<GraphProto> graphs = new ArrayList<>();
    private final List<SparseTensorProto> sparseTensors = new ArrayList<>();
    private final List<TypeProto> types = new ArrayList<>();
    private float f;
    private long i;
    private MemorySegment s = MemorySegment.ofArray(new byte[0]).asReadOnly();
    private TensorProto t;
    private GraphProto g;
    private SparseTensorProto sparseTensor;
    private TypeProto typeProto;

    AttributeParser(ReadBudget budget, TensorParser tensors, ModelParser models) {
        this.budget = budget;
        this.tensors = tensors;
        this.models = models;
    }

    AttributeProto attribute(WireReader in) {
        budget.record(in);
        String name = "";
        String refAttrName = "";
        String docString = "";
        AttributeType type = AttributeType.UNDEFINED;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 13 -> docString = budget.string(in);
                case 20 -> type = type(in);
                case 21 -> refAttrName = budget.string(in);
                default -> value(in);
            }
        }
        if (!refAttrName.isEmpty()) {
            return new AttributeProto(name, refAttrName, docString, type, new AttributeValue.NoValue());
        }
        if (type == AttributeType.UNDEFINED) {
            if (present.size() != 1) {
                throw in.malformed(
                        "attribute '" + name + "' with no type and " + present.size() + " values", "one value");
            }
            type = present.iterator().next();
        }
        return new AttributeProto(name, "", docString, type, chosen(in, name, type));
    }

    private static AttributeType type(WireReader in) {
        int number = in.int32();
        if (number >= 0 && number < TYPES.length) {
            return TYPES[number];
        }
        throw in.malformed("attribute type " + number, "0 to " + (TYPES.length - 1));
    }

    private void value(WireReader in) {
        switch (in.field()) {
            case 2 -> f = in.float32();
            case 3 -> i = in.int64();
            case 4 -> s = in.bytes();
            case 5 -> {
                TensorParser.once(in, t != null);
                t = tensors.tensor(in.message("TensorProto"));
            }
            case 6 -> {
                TensorParser.once(in, g != null);
                g = models.graph(in.message("GraphProto"));
            }
            case 7 -> in.scalars(floats);
            case 8 -> in.scalars(ints);
            case 9 -> {
                budget.record(in);
                strings.add(in.bytes());
            }
            case 10 -> tensorList.add(tensors.tensor(in.message("TensorProto")));
            case 11 -> graphs.add(models.graph(in.message("GraphProto")));
            case 14 -> {
                TensorParser.once(in, typeProto != null);
                typeProto = tensors.type(in.message("TypeProto"));
            }
            case 15 -> types.add(tensors.type(in.message("TypeProto")));
            case 22 -> {
                TensorParser.once(in, sparseTensor != null);
                sparseTensor = tensors.sparseTensor(in.message("SparseTensorProto"));
            }
            case 23 -> sparseTensors.add(tensors.sparseTensor(in.message("SparseTensorProto")));
            default -> {
                in.skip();
                return;
            }
        }
        present.add(fieldType(in.field()));
    }

    private static AttributeType fieldType(int field) {
        return switch (field) {
            case 2 -> AttributeType.FLOAT;
            case 3 -> AttributeType.INT;
            case 4 -> AttributeType.STRING;
            case 5 -> AttributeType.TENSOR;
            case 6 -> AttributeType.GRAPH;
            case 7 -> AttributeType.FLOATS;
            case 8 -> AttributeType.INTS;
            case 9 -> AttributeType.STRINGS;
            case 10 -> AttributeType.TENSORS;
            case 11 -> AttributeType.GRAPHS;
            case 14 -> AttributeType.TYPE_PROTO;
            case 15 -> AttributeType.TYPE_PROTOS;
            case 22 -> AttributeType.SPARSE_TENSOR;
            case 23 -> AttributeType.SPARSE_TENSORS;
            default -> throw new IllegalStateException("field " + field);
        };
    }

    private AttributeValue chosen(WireReader in, String name, AttributeType type) {
        return switch (type) {
            case FLOAT -> new AttributeValue.FloatValue(f);
            case INT -> new AttributeValue.IntValue(i);
            case STRING -> new AttributeValue.StringValue(s);
            case TENSOR -> new AttributeValue.TensorValue(given(in, name, type, t));
            case GRAPH -> new AttributeValue.GraphValue(given(in, name, type, g));
            case FLOATS -> new AttributeValue.FloatsValue(floats.build());
            case INTS -> new AttributeValue.IntsValue(ints.build());
            case STRINGS -> new AttributeValue.StringsValue(strings);
            case TENSORS -> new AttributeValue.TensorsValue(tensorList);
            case GRAPHS -> new AttributeValue.GraphsValue(graphs);
            case SPARSE_TENSOR -> new AttributeValue.SparseTensorValue(given(in, name, type, sparseTensor));
            case SPARSE_TENSORS -> new AttributeValue.SparseTensorsValue(sparseTensors);
            case TYPE_PROTO -> new AttributeValue.TypeValue(given(in, name, type, typeProto));
            case TYPE_PROTOS -> new AttributeValue.TypesValue(types);
            case UNDEFINED -> new AttributeValue.NoValue();
        };
    }

    private static <T> T given(WireReader in, String name, AttributeType type, T value) {
        if (value == null) {
            throw in.malformed("attribute '" + name + "' of type " + type + " without a value", "a value of its type");
        }
        return value;
    }
}
