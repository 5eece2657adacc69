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
    AttributeType type();

    /** No value: the attribute refers to one of the function around it. */
    record NoValue() implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.UNDEFINED;
        }
    }

    /**
     * A float.
     *
     * @param value the number
     */
    record FloatValue(float value) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.FLOAT;
        }
    }

    /**
     * An integer.
     *
     * @param value the number
     */
    record IntValue(long value) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.INT;
        }
    }

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

        @Override
        public AttributeType type() {
            return AttributeType.STRING;
        }
    }

    /**
     * A tensor.
     *
     * @param tensor the tensor
     */
    record TensorValue(TensorProto tensor) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.TENSOR;
        }
    }

    /**
     * A graph.
     *
     * @param graph the graph
     */
    record GraphValue(GraphProto graph) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.GRAPH;
        }
    }

    /**
     * A sparse tensor.
     *
     * @param tensor the tensor
     */
    record SparseTensorValue(SparseTensorProto tensor) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.SPARSE_TENSOR;
        }
    }

    /**
     * A type.
     *
     * @param value the type
     */
    record TypeValue(TypeProto value) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.TYPE_PROTO;
        }
    }

    /**
     * Floats.
     *
     * @param values the numbers, {@link Scalars.Encoding#FIXED32}
     */
    record FloatsValue(Scalars values) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.FLOATS;
        }
    }

    /**
     * Integers.
     *
     * @param values the numbers, {@link Scalars.Encoding#VARINT}
     */
    record IntsValue(Scalars values) implements AttributeValue {
        @Override
        public AttributeType type() {
            return AttributeType.INTS;
        }
    }

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

        @Override
        public AttributeType type() {
            return AttributeType.STRINGS;
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

        @Override
        public AttributeType type() {
            return AttributeType.TENSORS;
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

        @Override
        public AttributeType type() {
            return AttributeType.GRAPHS;
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

        @Override
        public AttributeType type() {
            return AttributeType.SPARSE_TENSORS;
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

        @Override
        public AttributeType type() {
            return AttributeType.TYPE_PROTOS;
        }
    }
}
