package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.formats.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads tensors, types and the messages in them. */
final class TensorParser {
    private final ReadBudget budget;

    TensorParser(ReadBudget budget) {
        this.budget = budget;
    }

    /** Refuses a second occurrence of a message. Protobuf would merge the two, but a valid file has one. */
    static void once(WireReader in, boolean seen) {
        if (seen) {
            throw in.malformed("the field for the second time", "one occurrence");
        }
    }

    TensorProto tensor(WireReader in) {
        budget.tensor(in);
        String name = "";
        int dataType = 0;
        Scalars.Builder dims = new Scalars.Builder(Scalars.Encoding.VARINT);
        Optional<MemorySegment> raw = Optional.empty();
        Scalars.Builder floats = new Scalars.Builder(Scalars.Encoding.FIXED32);
        Scalars.Builder int32s = new Scalars.Builder(Scalars.Encoding.VARINT);
        Scalars.Builder int64s = new Scalars.Builder(Scalars.Encoding.VARINT);
        Scalars.Builder doubles = new Scalars.Builder(Scalars.Encoding.FIXED64);
        Scalars.Builder uint64s = new Scalars.Builder(Scalars.Encoding.VARINT);
        List<MemorySegment> strings = new ArrayList<>();
        int location = 0;
        List<StringEntry> externalData = new ArrayList<>();
        String docString = "";
        List<StringEntry> metadata = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> in.scalars(dims);
                case 2 -> dataType = in.int32();
                case 3 ->
                    throw new UnsupportedModelException(
                            in.place(), "a tensor cut into segments", "whole tensors", "export the model again");
                case 4 -> in.scalars(floats);
                case 5 -> in.scalars(int32s);
                case 6 -> addBytes(in, strings);
                case 7 -> in.scalars(int64s);
                case 8 -> name = budget.string(in);
                case 9 -> raw = Optional.of(in.bytes());
                case 10 -> in.scalars(doubles);
                case 11 -> in.scalars(uint64s);
                case 12 -> docString = budget.string(in);
                case 13 -> externalData.add(entry(in));
                case 14 -> location = location(in);
                case 16 -> metadata.add(entry(in));
                default -> in.skip();
            }
        }
        return new TensorProto(
                name,
                dataType,
                dims(in, dims),
                raw,
                floats.build(),
                int32s.build(),
                int64s.build(),
                doubles.build(),
                uint64s.build(),
                strings,
                location == 1,
                externalData,
                docString,
                metadata);
    }

    private static int location(WireReader in) {
        int location = in.int32();
        if (location != 0 && location != 1) {
            throw in.malformed("data location " + location, "0 (here) or 1 (another file)");
        }
        return location;
    }

    private void addBytes(WireReader in, List<MemorySegment> target) {
        budget.record(in);
        target.add(in.bytes());
    }

    private List<Long> dims(WireReader in, Scalars.Builder builder) {
        Scalars dims = builder.build();
        budget.rank(in, (int) Math.min(dims.count(), Integer.MAX_VALUE));
        List<Long> list = new ArrayList<>();
        dims.forEachLong(list::add);
        return list;
    }

    SparseTensorProto sparseTensor(WireReader in) {
        budget.record(in);
        TensorProto values = null;
        TensorProto indices = null;
        Scalars.Builder dims = new Scalars.Builder(Scalars.Encoding.VARINT);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    once(in, values != null);
                    values = tensor(in.message("TensorProto"));
                }
                case 2 -> {
                    once(in, indices != null);
                    indices = tensor(in.message("TensorProto"));
                }
                case 3 -> in.scalars(dims);
                default -> in.skip();
            }
        }
        if (values == null || indices == null) {
            throw in.malformed("no " + (values == null ? "values" : "indices"), "both values and indices");
        }
        return new SparseTensorProto(values, indices, dims(in, dims));
    }

    StringEntry entry(WireReader outer) {
        budget.record(outer);
        WireReader in = outer.message("StringStringEntryProto");
        String key = "";
        String value = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = budget.string(in);
                case 2 -> value = budget.string(in);
                default -> in.skip();
            }
        }
        return new StringEntry(key, value);
    }

    TypeProto type(WireReader in) {
        budget.enter(in);
        TypeProto.Kind kind = null;
        String denotation = "";
        while (in.next()) {
            switch (in.field()) {
                case 1, 4, 5, 7, 8, 9 -> {
                    once(in, kind != null);
                    kind = kind(in);
                }
                case 6 -> denotation = budget.string(in);
                default -> in.skip();
            }
        }
        budget.leave();
        return new TypeProto(kind == null ? new TypeProto.UnknownType() : kind, denotation);
    }

    private TypeProto.Kind kind(WireReader in) {
        return switch (in.field()) {
            case 1 -> tensorType(in.message("TypeProto.Tensor"), false);
            case 4 -> new TypeProto.SequenceType(elementType(in.message("TypeProto.Sequence")));
            case 5 -> mapType(in.message("TypeProto.Map"));
            case 7 -> opaqueType(in.message("TypeProto.Opaque"));
            case 8 -> tensorType(in.message("TypeProto.SparseTensor"), true);
            case 9 -> new TypeProto.OptionalType(elementType(in.message("TypeProto.Optional")));
            default -> throw new IllegalStateException("field " + in.field());
        };
    }

    private TypeProto.Kind tensorType(WireReader in, boolean sparse) {
        int elemType = 0;
        Optional<TensorShapeProto> shape = Optional.empty();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> elemType = in.int32();
                case 2 -> {
                    once(in, shape.isPresent());
                    shape = Optional.of(shape(in.message("TensorShapeProto")));
                }
                default -> in.skip();
            }
        }
        return sparse ? new TypeProto.SparseType(elemType, shape) : new TypeProto.DenseType(elemType, shape);
    }

    private TensorShapeProto shape(WireReader in) {
        List<TensorShapeProto.Dimension> dims = new ArrayList<>();
        while (in.next()) {
            if (in.field() == 1) {
                budget.rank(in, dims.size() + 1);
                dims.add(dimension(in.message("TensorShapeProto.Dimension")));
            } else {
                in.skip();
            }
        }
        return new TensorShapeProto(dims);
    }

    private TensorShapeProto.Dimension dimension(WireReader in) {
        TensorShapeProto.Dimension dim = TensorShapeProto.Dimension.named("");
        String denotation = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> dim = TensorShapeProto.Dimension.of(in.int64());
                case 2 -> dim = TensorShapeProto.Dimension.named(budget.string(in));
                case 3 -> denotation = budget.string(in);
                default -> in.skip();
            }
        }
        return new TensorShapeProto.Dimension(dim.value(), dim.param(), denotation);
    }

    private TypeProto elementType(WireReader in) {
        TypeProto element = null;
        while (in.next()) {
            if (in.field() == 1) {
                once(in, element != null);
                element = type(in.message("TypeProto"));
            } else {
                in.skip();
            }
        }
        return element == null ? TypeProto.of(new TypeProto.UnknownType()) : element;
    }

    private TypeProto.MapType mapType(WireReader in) {
        int keyType = 0;
        TypeProto value = null;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> keyType = in.int32();
                case 2 -> {
                    once(in, value != null);
                    value = type(in.message("TypeProto"));
                }
                default -> in.skip();
            }
        }
        return new TypeProto.MapType(keyType, value == null ? TypeProto.of(new TypeProto.UnknownType()) : value);
    }

    private TypeProto.OpaqueType opaqueType(WireReader in) {
        String domain = "";
        String name = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> domain = budget.string(in);
                case 2 -> name = budget.string(in);
                default -> in.skip();
            }
        }
        return new TypeProto.OpaqueType(domain, name);
    }
}
