package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.formats.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the messages of data files: sequences, maps and optional values. */
final class ValueParser {
    private final ReadBudget budget;
    private final TensorParser tensors;

    ValueParser(ReadBudget budget) {
        this.budget = budget;
        this.tensors = new TensorParser(budget);
    }

    /**
     * Refuses a field that the schema does not have. The messages of data files do not tell their type, and a tensor
     * would mostly read as an empty sequence. An unknown field shows that the file holds another message.
     */
    private static MalformedModelException unknown(WireReader in) {
        return in.malformed("a field that the message does not have", "a file of this kind of value");
    }

    SequenceProto sequence(WireReader in) {
        budget.enter(in);
        String name = "";
        int elemType = 0;
        List<TensorProto> dense = new ArrayList<>();
        List<SparseTensorProto> sparse = new ArrayList<>();
        List<SequenceProto> sequences = new ArrayList<>();
        List<MapProto> maps = new ArrayList<>();
        List<OptionalProto> optionals = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 2 -> elemType = in.int32();
                case 3 -> dense.add(tensors.tensor(in.message("TensorProto")));
                case 4 -> sparse.add(tensors.sparseTensor(in.message("SparseTensorProto")));
                case 5 -> sequences.add(sequence(in.message("SequenceProto")));
                case 6 -> maps.add(map(in.message("MapProto")));
                case 7 -> optionals.add(optional(in.message("OptionalProto")));
                default -> throw unknown(in);
            }
        }
        budget.leave();
        return new SequenceProto(name, elemType, dense, sparse, sequences, maps, optionals);
    }

    MapProto map(WireReader in) {
        budget.enter(in);
        String name = "";
        int keyType = 0;
        Scalars.Builder keys = new Scalars.Builder(Scalars.Encoding.VARINT);
        List<MemorySegment> stringKeys = new ArrayList<>();
        Optional<SequenceProto> values = Optional.empty();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 2 -> keyType = in.int32();
                case 3 -> in.scalars(keys);
                case 4 -> {
                    budget.record(in);
                    stringKeys.add(in.bytes());
                }
                case 5 -> {
                    TensorParser.once(in, values.isPresent());
                    values = Optional.of(sequence(in.message("SequenceProto")));
                }
                default -> throw unknown(in);
            }
        }
        budget.leave();
        return new MapProto(name, keyType, keys.build(), stringKeys, values);
    }

    OptionalProto optional(WireReader in) {
        budget.enter(in);
        String name = "";
        int elemType = 0;
        Optional<TensorProto> dense = Optional.empty();
        Optional<SparseTensorProto> sparse = Optional.empty();
        Optional<SequenceProto> sequence = Optional.empty();
        Optional<MapProto> map = Optional.empty();
        Optional<OptionalProto> inner = Optional.empty();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = budget.string(in);
                case 2 -> elemType = in.int32();
                case 3 -> {
                    TensorParser.once(in, dense.isPresent());
                    dense = Optional.of(tensors.tensor(in.message("TensorProto")));
                }
                case 4 -> {
                    TensorParser.once(in, sparse.isPresent());
                    sparse = Optional.of(tensors.sparseTensor(in.message("SparseTensorProto")));
                }
                case 5 -> {
                    TensorParser.once(in, sequence.isPresent());
                    sequence = Optional.of(sequence(in.message("SequenceProto")));
                }
                case 6 -> {
                    TensorParser.once(in, map.isPresent());
                    map = Optional.of(map(in.message("MapProto")));
                }
                case 7 -> {
                    TensorParser.once(in, inner.isPresent());
                    inner = Optional.of(optional(in.message("OptionalProto")));
                }
                default -> throw unknown(in);
            }
        }
        budget.leave();
        return new OptionalProto(name, elemType, dense, sparse, sequence, map, inner);
    }
}
