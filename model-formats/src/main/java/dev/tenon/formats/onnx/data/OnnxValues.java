package dev.tenon.formats.onnx.data;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.onnx.proto.MapProto;
import dev.tenon.formats.onnx.proto.OptionalProto;
import dev.tenon.formats.onnx.proto.SequenceProto;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Converts values between the messages of data files and Tenon.
 *
 * <p>Methods that read throw {@link MalformedModelException} if the message is damaged or has another type than
 * expected, {@link dev.tenon.formats.UnsupportedModelException} if Tenon lacks its element type, and
 * {@link dev.tenon.error.ResourceLimitException} if it goes past the limits.
 */
public final class OnnxValues {
    private static final int NONE = 0;
    private static final int TENSOR = 1;
    private static final int SPARSE_TENSOR = 2;
    private static final int SEQUENCE = 3;
    private static final int MAP = 4;
    private static final int OPTIONAL = 5;
    private static final long LARGEST_ON_HEAP = 1L << 30;

    private final String source;
    private final Limits limits;

    /**
     * A converter for one file.
     *
     * @param source what error messages call the file
     * @param limits what to accept
     */
    public OnnxValues(String source, Limits limits) {
        this.source = source;
        this.limits = limits;
    }

    /**
     * The tensor that a message describes. It does not depend on the file, unless it is larger than 1 GiB.
     *
     * @param proto the message
     * @param expected the type that it must have
     * @return the tensor
     */
    public Tensor tensor(TensorProto proto, ValueType expected) {
        Tensor tensor = OnnxTensors.toTensor(proto, ExternalData.none(), limits);
        require(tensor, expected);
        return detached(tensor);
    }

    private static Tensor detached(Tensor tensor) {
        return tensor.dtype() == DType.STRING || tensor.byteSize() > LARGEST_ON_HEAP ? tensor : tensor.copy();
    }

    /**
     * The sequence that a message describes.
     *
     * @param proto the message
     * @param expected the type that it must have
     * @return the sequence
     */
    public TensorSequence sequence(SequenceProto proto, ValueType expected) {
        ValueType element = expected instanceof SequenceType type ? type.element() : null;
        if (element == null) {
            throw wrongKind("a sequence", expected);
        }
        List<Datum> values = new ArrayList<>();
        switch (proto.elemType()) {
            case NONE -> {}
            case TENSOR -> proto.tensors().forEach(t -> values.add(tensor(t, element)));
            case SPARSE_TENSOR ->
                proto.sparseTensors().forEach(t -> {
                    Tensor dense = OnnxTensors.toTensor(t, ExternalData.none(), limits);
                    require(dense, element);
                    values.add(dense);
                });
            case SEQUENCE -> proto.sequences().forEach(s -> values.add(sequence(s, element)));
            case MAP -> proto.maps().forEach(m -> values.add(map(m, element)));
            case OPTIONAL -> proto.optionals().forEach(o -> values.add(optional(o, element)));
            default -> throw malformed("element kind " + proto.elemType() + " of a sequence", "1 to 5");
        }
        int all = proto.tensors().size()
                + proto.sparseTensors().size()
                + proto.sequences().size()
                + proto.maps().size()
                + proto.optionals().size();
        if (all != values.size()) {
            throw malformed("a sequence with elements of several kinds", "elements of kind " + proto.elemType());
        }
        return TensorSequence.of(element, values);
    }

    /**
     * The optional value that a message describes.
     *
     * @param proto the message
     * @param expected the type that it must have
     * @return the optional value
     */
    public OptionalDatum optional(OptionalProto proto, ValueType expected) {
        ValueType element = expected instanceof OptionalType type ? type.element() : null;
        if (element == null) {
            throw wrongKind("an optional value", expected);
        }
        Optional<? extends Datum> value =
                switch (proto.elemType()) {
                    case NONE -> Optional.<Datum>empty();
                    case TENSOR -> proto.tensor().map(t -> tensor(t, element));
                    case SPARSE_TENSOR ->
                        proto.sparseTensor().map(t -> OnnxTensors.toTensor(t, ExternalData.none(), limits));
                    case SEQUENCE -> proto.sequence().map(s -> sequence(s, element));
                    case MAP -> proto.map().map(m -> map(m, element));
                    case OPTIONAL -> proto.optional().map(o -> optional(o, element));
                    default -> throw malformed("kind " + proto.elemType() + " of an optional value", "0 to 5");
                };
        if (value.isEmpty()) {
            return OptionalDatum.empty(element);
        }
        require(value.get(), element);
        return OptionalDatum.of(value.get());
    }

    /**
     * The map that a message describes.
     *
     * @param proto the message
     * @param expected the type that it must have
     * @return the map
     */
    public MapDatum map(MapProto proto, ValueType expected) {
        if (!(expected instanceof MapType type)) {
            throw wrongKind("a map", expected);
        }
        DType keyType = ElementTypes.of(source, proto.keyType());
        if (keyType != type.key()) {
            throw malformed("a map with keys of type " + keyType.text(), type.text());
        }
        Tensor keys = keyType == DType.STRING ? stringKeys(proto) : integerKeys(proto, keyType);
        TensorSequence values = proto.values()
                .map(s -> sequence(s, new SequenceType(type.value())))
                .orElseGet(() -> TensorSequence.empty(type.value()));
        if (keys.size() != values.size()) {
            throw malformed("a map of " + keys.size() + " keys and " + values.size() + " values", "as many of both");
        }
        return MapDatum.of(keys, values);
    }

    private Tensor stringKeys(MapProto proto) {
        if (!proto.keys().isEmpty()) {
            throw malformed("integer keys in a map from strings", "string keys");
        }
        Tensor keys = Tensor.allocate(DType.STRING, proto.stringKeys().size());
        for (int i = 0; i < keys.size(); i++) {
            keys.setUtf8(i, proto.stringKeys().get(i).toArray(ValueLayout.JAVA_BYTE));
        }
        return keys;
    }

    private Tensor integerKeys(MapProto proto, DType type) {
        if (!proto.stringKeys().isEmpty()) {
            throw malformed("string keys in a map from integers", "integer keys");
        }
        Tensor keys = Tensor.allocate(type, proto.keys().count());
        long[] next = {0};
        proto.keys().forEachLong(key -> {
            long at = next[0]++;
            keys.setLong(at, key);
            if (keys.getLong(at) != key) {
                throw malformed("map key " + key, "keys that fit " + type.text());
            }
        });
        return keys;
    }

    private void require(Datum value, ValueType expected) {
        if (!expected.accepts(value.type())) {
            throw malformed("a value of type " + value.type().text(), expected.text());
        }
    }

    private MalformedModelException wrongKind(String found, ValueType expected) {
        return malformed(found, expected.text());
    }

    private MalformedModelException malformed(String found, String allowed) {
        return new MalformedModelException(
                source, found, allowed, "check that the file belongs to this value, and fetch or write it again");
    }

    /**
     * The message of a sequence.
     *
     * @param name the name to give it
     * @param sequence the value
     * @return the message
     */
    public static SequenceProto toProto(String name, TensorSequence sequence) {
        ValueType element = sequence.type().element();
        List<Datum> values = sequence.elements();
        return new SequenceProto(
                name,
                kind(element),
                only(values, Tensor.class).stream()
                        .map(t -> OnnxTensors.toProto("", t))
                        .toList(),
                List.of(),
                only(values, TensorSequence.class).stream()
                        .map(s -> toProto("", s))
                        .toList(),
                only(values, MapDatum.class).stream().map(m -> toProto("", m)).toList(),
                only(values, OptionalDatum.class).stream()
                        .map(o -> toProto("", o))
                        .toList());
    }

    private static <T> List<T> only(List<Datum> values, Class<T> kind) {
        return values.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /**
     * The message of an optional value.
     *
     * @param name the name to give it
     * @param optional the value
     * @return the message
     */
    public static OptionalProto toProto(String name, OptionalDatum optional) {
        Optional<Datum> value = optional.value();
        return new OptionalProto(
                name,
                kind(optional.type().element()),
                value.filter(Tensor.class::isInstance).map(v -> OnnxTensors.toProto("", (Tensor) v)),
                Optional.empty(),
                value.filter(TensorSequence.class::isInstance).map(v -> toProto("", (TensorSequence) v)),
                value.filter(MapDatum.class::isInstance).map(v -> toProto("", (MapDatum) v)),
                value.filter(OptionalDatum.class::isInstance).map(v -> toProto("", (OptionalDatum) v)));
    }

    /**
     * The message of a map.
     *
     * @param name the name to give it
     * @param map the value
     * @return the message
     */
    public static MapProto toProto(String name, MapDatum map) {
        Tensor keys = map.keys();
        List<MemorySegment> strings = new ArrayList<>();
        long[] integers = new long[keys.dtype() == DType.STRING ? 0 : map.size()];
        for (int i = 0; i < map.size(); i++) {
            if (keys.dtype() == DType.STRING) {
                strings.add(MemorySegment.ofArray(keys.getUtf8(i)).asReadOnly());
            } else {
                integers[i] = keys.getLong(i);
            }
        }
        TensorSequence values =
                TensorSequence.of(map.type().value(), List.copyOf(map.asMap().values()));
        return new MapProto(
                name,
                ElementTypes.number(keys.dtype()),
                Scalars.ofLongs(integers),
                strings,
                Optional.of(toProto("", values)));
    }

    private static int kind(ValueType type) {
        return switch (type) {
            case TensorType tensor -> TENSOR;
            case SequenceType sequence -> SEQUENCE;
            case MapType map -> MAP;
            case OptionalType optional -> OPTIONAL;
        };
    }
}
