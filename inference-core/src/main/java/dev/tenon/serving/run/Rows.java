package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins the inputs of calls along the first axis, and splits the outputs again. With padding, inputs that are shorter
 * along one axis are filled up, and outputs with this axis are cut. Immutable.
 */
public final class Rows {
    /** Outputs of a batch so small may be kept by a caller that does not read its own. */
    private static final long SMALL_BYTES = 1 << 14;

    private final String[] names;
    private final Padding padding;
    /** The axis that is cut, by the names of the outputs that have it. */
    private final Map<String, Integer> cuts;

    /**
     * How inputs are padded.
     *
     * @param axis the axis, at least 1
     * @param values the value for each input that has this axis, by name
     * @param cuts the axis that is cut, by the names of the outputs that have it
     */
    public record Padding(int axis, Map<String, Double> values, Map<String, Integer> cuts) {}

    /**
     * Rows of a model.
     *
     * @param inputs the names of its inputs, all of which have rows
     * @param padding how inputs are padded, or null
     */
    public Rows(List<String> inputs, Padding padding) {
        this.names = inputs.toArray(String[]::new);
        this.padding = padding;
        this.cuts = padding == null ? Map.of() : padding.cuts();
    }

    /**
     * The rows of a call.
     *
     * @param inputs the inputs of a call by name
     * @return the number; -1 if the call can't be merged: it has optional inputs, or inputs with different numbers of rows
     */
    public int count(Map<String, ? extends Datum> inputs) {
        if (inputs.size() != names.length) {
            return -1;
        }
        long rows = -1;
        for (String name : names) {
            if (!(inputs.get(name) instanceof Tensor t) || t.rank() == 0 || rows >= 0 && rows != t.dim(0)) {
                return -1;
            }
            rows = t.dim(0);
        }
        return rows < 1 || rows > Integer.MAX_VALUE ? -1 : (int) rows;
    }

    /**
     * The rows of an output.
     *
     * @param output a value
     * @return the length of the first dimension of a tensor, or the elements of a sequence; -1 if it has no rows
     */
    public static long count(Datum output) {
        return switch (output) {
            case Tensor t when t.rank() > 0 -> t.dim(0);
            case TensorSequence s -> s.size();
            default -> -1;
        };
    }

    /**
     * Whether outputs have a row for each row of the inputs.
     *
     * @param outputs outputs of a run
     * @param rows the rows of its inputs
     * @return whether all of them have
     */
    public static boolean have(Outputs outputs, long rows) {
        for (Datum output : outputs.values()) {
            if (count(output) != rows) {
                return false;
            }
        }
        return true;
    }

    private boolean isPadded(String name, int axis) {
        return padding != null && axis == padding.axis() && padding.values().containsKey(name);
    }

    /**
     * The shapes of the rows of a call.
     *
     * @param inputs the inputs of a call that has rows
     * @return the shapes
     */
    public RowShape shape(Map<String, ? extends Datum> inputs) {
        int length = 0;
        for (String name : names) {
            length += ((Tensor) inputs.get(name)).rank();
        }
        long[] dims = new long[length];
        int at = 0;
        for (String name : names) {
            Tensor t = (Tensor) inputs.get(name);
            dims[at++] = t.rank();
            for (int k = 1; k < t.rank(); k++) {
                dims[at++] = isPadded(name, k) ? -1 : t.dim(k);
            }
        }
        return new RowShape(dims);
    }

    /**
     * Whether the rows of a call have given shapes. Allocates nothing.
     *
     * @param shape the shapes
     * @param inputs the inputs of a call that has rows
     * @return whether they have
     */
    public boolean matches(RowShape shape, Map<String, ? extends Datum> inputs) {
        int at = 0;
        for (String name : names) {
            Tensor t = (Tensor) inputs.get(name);
            if (at >= shape.length() || shape.get(at++) != t.rank()) {
                return false;
            }
            for (int k = 1; k < t.rank(); k++) {
                if (shape.get(at++) != (isPadded(name, k) ? -1 : t.dim(k))) {
                    return false;
                }
            }
        }
        return at == shape.length();
    }

    /**
     * The inputs of several calls as those of one.
     *
     * @param calls inputs of calls whose rows have equal shapes
     * @param memory where they may be; it is cleared
     * @return tensors that can be used until the memory is cleared
     */
    public Map<String, Tensor> join(List<? extends Map<String, ? extends Datum>> calls, JoinMemory memory) {
        memory.clear();
        if (names.length == 1) {
            return Map.of(names[0], join(names[0], calls, memory));
        }
        Map<String, Tensor> joined = new LinkedHashMap<>();
        for (String name : names) {
            joined.put(name, join(name, calls, memory));
        }
        return joined;
    }

    private Tensor join(String name, List<? extends Map<String, ? extends Datum>> calls, JoinMemory memory) {
        Tensor[] parts = new Tensor[calls.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = (Tensor) calls.get(i).get(name);
        }
        return isPadded(name, axis()) ? padded(name, parts, memory) : joined(parts, memory);
    }

    private int axis() {
        return padding == null ? 0 : padding.axis();
    }

    private static Tensor joined(Tensor[] parts, JoinMemory memory) {
        Tensor all = allocate(parts, parts[0].dims(), memory);
        long at = 0;
        if (all.dtype() == DType.STRING || all.dtype().isSubByte()) {
            for (Tensor part : parts) {
                all.slice(at, at + part.dim(0)).copyFrom(part);
                at += part.dim(0);
            }
            return all;
        }
        MemorySegment to = all.segment();
        for (Tensor part : parts) {
            MemorySegment from = part.segment();
            MemorySegment.copy(from, 0, to, at, from.byteSize());
            at += from.byteSize();
        }
        return all;
    }

    private static Tensor allocate(Tensor[] parts, long[] dims, JoinMemory memory) {
        long rows = 0;
        for (Tensor part : parts) {
            rows += part.dim(0);
        }
        dims[0] = rows;
        Tensor all = memory.tensor(parts[0].dtype(), dims);
        return all == null ? Tensor.allocate(parts[0].dtype(), dims) : all;
    }

    private Tensor padded(String name, Tensor[] parts, JoinMemory memory) {
        int axis = padding.axis();
        long[] dims = parts[0].dims();
        for (Tensor part : parts) {
            dims[axis] = Math.max(dims[axis], part.dim(axis));
        }
        Tensor all = allocate(parts, dims, memory);
        double filling = padding.values().get(name);
        for (long i = 0; i < all.size(); i++) {
            all.setDouble(i, filling);
        }
        long at = 0;
        for (Tensor part : parts) {
            Tensor place = all.slice(at, at + part.dim(0));
            copyBlocks(part, place, axis);
            at += part.dim(0);
        }
        return all;
    }

    /** Copies what two tensors have in common that differ in the length of one axis. */
    private static void copyBlocks(Tensor from, Tensor to, int axis) {
        long outer = 1;
        long inner = 1;
        for (int k = 0; k < from.rank(); k++) {
            outer *= k < axis ? from.dim(k) : 1;
            inner *= k > axis ? from.dim(k) : 1;
        }
        long fromBlock = from.dim(axis) * inner;
        long toBlock = to.dim(axis) * inner;
        long common = Math.min(fromBlock, toBlock);
        Tensor source = from.reshape(from.size());
        Tensor target = to.reshape(to.size());
        for (long o = 0; o < outer; o++) {
            target.slice(o * toBlock, o * toBlock + common)
                    .copyFrom(source.slice(o * fromBlock, o * fromBlock + common));
        }
    }

    /**
     * Some rows of a call.
     *
     * @param inputs the inputs of a call that has rows
     * @param from the first row
     * @param to the row after the last
     * @return tensors that share the memory of the inputs
     */
    public Map<String, Tensor> slice(Map<String, ? extends Datum> inputs, int from, int to) {
        Map<String, Tensor> some = new LinkedHashMap<>();
        for (String name : names) {
            some.put(name, ((Tensor) inputs.get(name)).slice(from, to));
        }
        return some;
    }

    /**
     * The outputs of one of the calls that ran together.
     *
     * @param together the outputs of a run with the joined inputs of the calls
     * @param from the first row of the call in them
     * @param to the row after its last
     * @param call the inputs of the call
     * @return its outputs, all of them copies
     */
    public Outputs part(Outputs together, int from, int to, Map<String, ? extends Datum> call) {
        Outputs part = together.rows(from, to);
        return cuts.isEmpty() ? part : cut(part, call);
    }

    /**
     * Whether callers copy their parts of outputs when they read them. If not, they have to be copied before: they are
     * large, and a caller that reads none would keep those of the others.
     *
     * @param together the outputs of a run
     * @return whether {@link Outputs#rowsToRead} makes the parts
     */
    public boolean areReadLate(Outputs together) {
        long bytes = 0;
        for (Datum output : together.values()) {
            if (!(output instanceof Tensor t) || t.dtype() == DType.STRING) {
                return false;
            }
            bytes += t.byteSize();
        }
        return cuts.isEmpty() && bytes <= SMALL_BYTES;
    }

    /** Outputs without the padding of other calls. */
    private Outputs cut(Outputs padded, Map<String, ? extends Datum> call) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (String name : padded.keySet()) {
            Integer axis = cuts.get(name);
            Tensor part = padded.tensor(name);
            outputs.put(name, axis == null ? part : cut(part, axis, length(call)));
        }
        return Outputs.of(outputs);
    }

    private long length(Map<String, ? extends Datum> call) {
        return ((Tensor) call.get(padding.values().keySet().iterator().next())).dim(padding.axis());
    }

    private static Tensor cut(Tensor part, int axis, long length) {
        long[] dims = part.dims();
        dims[axis] = length;
        Tensor out = Tensor.allocate(part.dtype(), dims);
        copyBlocks(part, out, axis);
        return out;
    }
}
