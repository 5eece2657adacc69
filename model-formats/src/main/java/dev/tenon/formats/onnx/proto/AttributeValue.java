package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.Scalars;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The value of an attribute. */
public sealed interface AttributeValue {
    /**
     * The kind of this value.
     *
     * @return its type, {@link AttributeType#UNDEFINED} for {@link NoValue}
     */
    default AttributeType type() {
        return switch (this) {
            case NoValue _ -> AttributeType.UNDEFINED;
            case FloatValue _ -> AttributeType.FLOAT;
            case IntValue _ -> AttributeType.INT;
            case StringValue _ -> AttributeType.STRING;
            case TensorValue _ -> AttributeType.TENSOR;
            case GraphValue _ -> AttributeType.GRAPH;
            case SparseTensorValue _ -> AttributeType.SPARSE_TENSOR;
            case TypeValue _ -> AttributeType.TYPE_PROTO;
            case FloatsValue _ -> AttributeType.FLOATS;
            case IntsValue _ -> AttributeType.INTS;
            case StringsValue _ -> AttributeType.STRINGS;
            case TensorsValue _ -> AttributeType.TENSORS;
            case GraphsValue _ -> AttributeType.GRAPHS;
            case SparseTensorsValue _ -> AttributeType.SPARSE_TENSORS;
            case TypesValue _ -> AttributeType.TYPE_PROTOS;
        };
    }

    /** No value: the attribute refers to one of the function around it. */
    record NoValue() implements AttributeValue {}

    /**
     * A float.
     *
     * @param value the number
     */
    record FloatValue(float value) implements AttributeValue {}

    /**
     * An integer.
     *
     * @param value the number
     */
    record IntValue(long value) implements AttributeValue {}

    /**
     * A string of bytes, by convention UTF-8.
     *
     * @param bytes the bytes
     */
    record StringValue(MemorySegment bytes) implements AttributeValue {
        /**
         * A string of text.
         *
         * @param text the text
         */
        public StringValue(String text) {
            this(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)).asReadOnly());
        }
    }

    /**
     * A tensor.
     *
     * @param tensor the tensor
     */
    record TensorValue(TensorProto tensor) implements AttributeValue {}

    /**
     * A graph.
     *
     * @param graph the graph
     */
    record GraphValue(GraphProto graph) implements AttributeValue {}

    /**
     * A sparse tensor.
     *
     * @param tensor the tensor
     */
    record SparseTensorValue(SparseTensorProto tensor) implements AttributeValue {}

    /**
     * A type.
     *
     * @param value the type
     */
    record TypeValue(TypeProto value) implements AttributeValue {}

    /**
     * Floats.
     *
     * @param values the numbers, {@link Scalars.Encoding#FIXED32}
     */
    record FloatsValue(Scalars values) implements AttributeValue {}

    /**
     * Integers.
     *
     * @param values the numbers, {@link Scalars.Encoding#VARINT}
     */
    record IntsValue(Scalars values) implements AttributeValue {}

    /**
     * Strings of bytes, by convention UTF-8.
     *
     * @param values the bytes of each
     */
    record StringsValue(List<MemorySegment> values) implements AttributeValue {
        /** Copies the list. */
        public StringsValue {
            values = List.copyOf(values);
        }
    }

    /**
     * Tensors.
     *
     * @param tensors the tensors
     */
    record TensorsValue(List<TensorProto> tensors) implements AttributeValue {
        /** Copies the list. */
        public TensorsValue {
            tensors = List.copyOf(tensors);
        }
    }

    /**
     * Graphs.
     *
     * @param graphs the graphs
     */
    record GraphsValue(List<GraphProto> graphs) implements AttributeValue {
        /** Copies the list. */
        public GraphsValue {
            graphs = List.copyOf(graphs);
        }
    }

    /**
     * Sparse tensors.
     *
     * @param tensors the tensors
     */
    record SparseTensorsValue(List<SparseTensorProto> tensors) implements AttributeValue {
        /** Copies the list. */
        public SparseTensorsValue {
            tensors = List.copyOf(tensors);
        }
    }

    /**
     * Types.
     *
     * @param values the types
     */
    record TypesValue(List<TypeProto> values) implements AttributeValue {
        /** Copies the list. */
        public TypesValue {
            values = List.copyOf(values);
        }
    }
}
