package dev.tenon.formats.onnx.data;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.TensorShapeProto;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Converts types between the messages of ONNX files and Tenon. */
public final class OnnxTypes {
    private OnnxTypes() {}

    /**
     * The type that a message describes. Its dimensions without a number or a name become symbols.
     *
     * @param proto the message
     * @param thing what error messages call the value
     * @return the type
     * @throws UnsupportedModelException if Tenon has no such type
     */
    public static ValueType toType(TypeProto proto, String thing) {
        int[] unnamed = {0};
        return toType(proto, thing, () -> Dim.symbol("?" + thing + "." + unnamed[0]++));
    }

    /**
     * The type that a message describes.
     *
     * @param proto the message
     * @param thing what error messages call the value
     * @param fresh makes a dimension for each one without a number or a name
     * @return the type
     * @throws UnsupportedModelException if Tenon has no such type
     */
    public static ValueType toType(TypeProto proto, String thing, Supplier<Dim> fresh) {
        return switch (proto.kind()) {
            case TypeProto.DenseType t -> new TensorType(ElementTypes.of(thing, t.elemType()), shape(t.shape(), fresh));
            case TypeProto.SequenceType t -> new SequenceType(toType(t.element(), thing, fresh));
            case TypeProto.OptionalType t -> new OptionalType(toType(t.element(), thing, fresh));
            case TypeProto.MapType t ->
                new MapType(ElementTypes.of(thing, t.keyType()), toType(t.value(), thing, fresh));
            case TypeProto.SparseType t -> throw unsupported(thing, "a sparse tensor");
            case TypeProto.OpaqueType t -> throw unsupported(thing, "the opaque type " + t.domain() + "." + t.name());
            case TypeProto.UnknownType t -> throw unsupported(thing, "no type, or one of an unknown kind");
        };
    }

    private static UnsupportedModelException unsupported(String thing, String found) {
        return new UnsupportedModelException(thing, found, "tensors, sequences, optionals and maps", null);
    }

    private static Shape shape(Optional<TensorShapeProto> proto, Supplier<Dim> fresh) {
        if (proto.isEmpty()) {
            return Shape.unknownRank();
        }
        List<Dim> dims = new ArrayList<>();
        for (TensorShapeProto.Dimension d : proto.get().dims()) {
            if (d.value().isPresent() && d.value().getAsLong() >= 0) {
                dims.add(Dim.of(d.value().getAsLong()));
            } else {
                dims.add(isUnnamed(d.param()) ? fresh.get() : Dim.symbol(d.param()));
            }
        }
        return Shape.of(dims);
    }

    /** Symbols that are made here begin with a question mark. In some files it stands for an unknown dimension. */
    private static boolean isUnnamed(String param) {
        return param.isEmpty() || param.startsWith("?");
    }

    /**
     * The message of a type.
     *
     * @param type the type
     * @return the message
     */
    public static TypeProto toProto(ValueType type) {
        return TypeProto.of(
                switch (type) {
                    case TensorType t -> new TypeProto.DenseType(ElementTypes.number(t.dtype()), shape(t.shape()));
                    case SequenceType t -> new TypeProto.SequenceType(toProto(t.element()));
                    case OptionalType t -> new TypeProto.OptionalType(toProto(t.element()));
                    case MapType t -> new TypeProto.MapType(ElementTypes.number(t.key()), toProto(t.value()));
                });
    }

    private static Optional<TensorShapeProto> shape(Shape shape) {
        if (!shape.hasRank()) {
            return Optional.empty();
        }
        List<TensorShapeProto.Dimension> dims = new ArrayList<>();
        for (Dim d : shape.dims()) {
            if (d.isKnown()) {
                dims.add(TensorShapeProto.Dimension.of(d.value()));
            } else {
                dims.add(TensorShapeProto.Dimension.named(name(d)));
            }
        }
        return Optional.of(new TensorShapeProto(dims));
    }

    /** The symbol or the expression of a dimension, empty if only run time knows the dimension. */
    private static String name(Dim d) {
        if (d.symbols().stream().anyMatch(OnnxTypes::isUnnamed)) {
            return "";
        }
        String first = d.symbols().iterator().next();
        return d.equals(Dim.symbol(first)) ? first : d.toString();
    }
}
