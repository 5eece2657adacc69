package dev.tenon.formats;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.options.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Limits on the size of a model. A model is untrusted input: a reader checks each count before it takes memory for it.
 * A file that exceeds a limit ends in a {@link dev.tenon.error.ResourceLimitException} that names the limit.
 *
 * <p>The standard ones are far above the needs of published models and far below the point where a process is harmed.
 * Readers also compare the sizes that a file claims with the bytes that it has.
 *
 * <p>Immutable and safe for any number of threads; each method that takes a value returns a changed copy.
 *
 * <pre>{@code
 * LoadOptions options = LoadOptions.standard().limits(Limits.standard().maxModelBytes(1 << 30));
 * }</pre>
 */
public final class Limits {
    /** The largest {@link #maxNesting}. Readers recurse once a level, and the stack of a thread must hold that. */
    public static final int MAX_NESTING = 128;

    /** Elements of 16 bytes, the largest type, whose size in bytes is a long. */
    private static final long MOST_ELEMENTS = Long.MAX_VALUE / 16;

    private static final Limits STANDARD = new Limits(new Values());

    private static final class Values extends Settings<Values> {
        private long maxModelBytes = 1L << 36;
        private long maxRecords = Math.clamp(Runtime.getRuntime().maxMemory() / 256, 100_000L, 1L << 24);
        private long maxNodes = 1_000_000;
        private long maxTensors = 1_000_000;
        private int maxNesting = 64;
        private int maxRank = 64;
        private long maxTensorElements = 1L << 38;
        private long maxTensorBytes = 1L << 40;
        private long maxExpandedBytes = 1L << 30;
        private long maxStringBytes = 1L << 26;
        private int maxExternalFiles = 4096;

        private List<Object> all() {
            return List.of(
                    maxModelBytes,
                    maxRecords,
                    maxNodes,
                    maxTensors,
                    maxNesting,
                    maxRank,
                    maxTensorElements,
                    maxTensorBytes,
                    maxExpandedBytes,
                    maxStringBytes,
                    maxExternalFiles);
        }
    }

    private final Values settings;

    private Limits(Values settings) {
        this.settings = settings;
    }

    private Limits with(Consumer<Values> change) {
        return new Limits(settings.with(change));
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new InvalidOptionException("Limits." + name, Long.toString(value), "1 or more", null);
        }
    }

    /**
     * The standard limits: 64 GiB for the model, 1,000,000 nodes, 1,000,000 tensors, 64 levels, 64 dimensions, 2^38
     * elements and 1 TiB for a tensor, 1 GiB for an expanded tensor, 64 MiB for a string, 4,096 external files. A
     * tensor of 1 TiB must also be there in the file.
     *
     * @return the limits
     */
    public static Limits standard() {
        return STANDARD;
    }

    /**
     * These limits with another {@link #maxModelBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxModelBytes(long bytes) {
        positive("maxModelBytes", bytes);
        return with(s -> s.maxModelBytes = bytes);
    }

    /**
     * These limits with another {@link #maxRecords}.
     *
     * @param records the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxRecords(long records) {
        positive("maxRecords", records);
        return with(s -> s.maxRecords = records);
    }

    /**
     * These limits with another {@link #maxNodes}.
     *
     * @param nodes the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxNodes(long nodes) {
        positive("maxNodes", nodes);
        return with(s -> s.maxNodes = nodes);
    }

    /**
     * These limits with another {@link #maxTensors}.
     *
     * @param tensors the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxTensors(long tensors) {
        positive("maxTensors", tensors);
        return with(s -> s.maxTensors = tensors);
    }

    /**
     * These limits with another {@link #maxNesting}.
     *
     * @param levels the new limit, from 1 to {@value #MAX_NESTING}
     * @return the changed limits
     * @throws InvalidOptionException if it is out of range
     */
    public Limits maxNesting(int levels) {
        positive("maxNesting", levels);
        if (levels > MAX_NESTING) {
            throw new InvalidOptionException("Limits.maxNesting", levels + "", "at most " + MAX_NESTING, null);
        }
        return with(s -> s.maxNesting = levels);
    }

    /**
     * These limits with another {@link #maxRank}.
     *
     * @param rank the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxRank(int rank) {
        positive("maxRank", rank);
        return with(s -> s.maxRank = rank);
    }

    /**
     * These limits with another {@link #maxTensorElements}.
     *
     * @param elements the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxTensorElements(long elements) {
        positive("maxTensorElements", elements);
        return with(s -> s.maxTensorElements = elements);
    }

    /**
     * These limits with another {@link #maxTensorBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxTensorBytes(long bytes) {
        positive("maxTensorBytes", bytes);
        return with(s -> s.maxTensorBytes = bytes);
    }

    /**
     * These limits with another {@link #maxExpandedBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxExpandedBytes(long bytes) {
        positive("maxExpandedBytes", bytes);
        return with(s -> s.maxExpandedBytes = bytes);
    }

    /**
     * These limits with another {@link #maxStringBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxStringBytes(long bytes) {
        positive("maxStringBytes", bytes);
        return with(s -> s.maxStringBytes = bytes);
    }

    /**
     * These limits with another {@link #maxExternalFiles}.
     *
     * @param files the new limit, positive
     * @return the changed limits
     * @throws InvalidOptionException if it is not positive
     */
    public Limits maxExternalFiles(int files) {
        positive("maxExternalFiles", files);
        return with(s -> s.maxExternalFiles = files);
    }

    /**
     * The most bytes of the model file or stream, without external data. A file that is copied takes this much memory, a
     * file that is mapped takes none.
     *
     * @return the limit
     */
    public long maxModelBytes() {
        return settings.maxModelBytes;
    }

    /**
     * The most protobuf messages, strings and list entries in one file, or nodes and members of sets of trees; four leaves
     * or weights of leaves count as one. Each takes 64 to 256 bytes of heap. The default is one for every 256 bytes of the
     * maximum heap, at least 100,000 and at most 16,777,216.
     *
     * @return the limit
     */
    public long maxRecords() {
        return settings.maxRecords;
    }

    /**
     * The most nodes in one file, including those of subgraphs and functions.
     *
     * @return the limit
     */
    public long maxNodes() {
        return settings.maxNodes;
    }

    /**
     * The most tensors of one model in all of its files, including those of attributes.
     *
     * @return the limit
     */
    public long maxTensors() {
        return settings.maxTensors;
    }

    /**
     * The most levels of graphs in graphs, types in types and sequences in sequences, from 1 to {@value #MAX_NESTING}.
     *
     * @return the limit
     */
    public int maxNesting() {
        return settings.maxNesting;
    }

    /**
     * The most dimensions of one tensor or shape.
     *
     * @return the limit
     */
    public int maxRank() {
        return settings.maxRank;
    }

    /**
     * The most elements of one tensor.
     *
     * @return the limit
     */
    public long maxTensorElements() {
        return settings.maxTensorElements;
    }

    /**
     * The number of elements of a tensor of untrusted dimensions.
     *
     * @param thing the tensor, for the message
     * @param dims its dimensions, 0 and above
     * @return the product of the dimensions, so small that the size in bytes of any type is a long
     * @throws ResourceLimitException if it is more than {@link #maxTensorElements}
     */
    public long elements(String thing, long... dims) {
        long most = Math.min(settings.maxTensorElements, MOST_ELEMENTS);
        long elements = LongStream.of(dims).anyMatch(dim -> dim == 0) ? 0 : 1;
        for (long dim : dims) {
            if (elements != 0 && elements > most / dim) {
                throw exceeded(thing, "dimensions " + Arrays.toString(dims), most + " elements", "maxTensorElements");
            }
            elements *= dim;
        }
        return elements;
    }

    /**
     * Checks the size of a tensor.
     *
     * @param thing the tensor, for the message
     * @param bytes its size
     * @return the size
     * @throws ResourceLimitException if it is more than {@link #maxTensorBytes}
     */
    public long tensorBytes(String thing, long bytes) {
        if (bytes > settings.maxTensorBytes) {
            throw exceeded(thing, bytes + " bytes", settings.maxTensorBytes + " bytes", "maxTensorBytes");
        }
        return bytes;
    }

    /**
     * Checks the number of tensors so far.
     *
     * @param thing the model, for the message
     * @param count the number
     * @throws ResourceLimitException if it is more than {@link #maxTensors}
     */
    public void checkTensors(String thing, long count) {
        if (count > settings.maxTensors) {
            throw exceeded(thing, count + " tensors or more", settings.maxTensors + " tensors", "maxTensors");
        }
    }

    /**
     * Checks the number of nodes so far.
     *
     * @param thing the model, for the message
     * @param count the number
     * @throws ResourceLimitException if it is more than {@link #maxNodes}
     */
    public void checkNodes(String thing, long count) {
        if (count > settings.maxNodes) {
            throw exceeded(thing, "a graph of " + count + " nodes or more", settings.maxNodes + " nodes", "maxNodes");
        }
    }

    private static ResourceLimitException exceeded(String thing, String found, String most, String limit) {
        return new ResourceLimitException(
                thing, found, "at most " + most, "raise Limits." + limit + " if the source is trusted");
    }

    /**
     * The most bytes of one tensor.
     *
     * @return the limit
     */
    public long maxTensorBytes() {
        return settings.maxTensorBytes;
    }

    /**
     * The most bytes of a tensor that is sparse in the file and is made dense.
     *
     * @return the limit
     */
    public long maxExpandedBytes() {
        return settings.maxExpandedBytes;
    }

    /**
     * The most UTF-8 bytes of one name, documentation or metadata string. Elements of string tensors do not count.
     *
     * @return the limit
     */
    public long maxStringBytes() {
        return settings.maxStringBytes;
    }

    /**
     * The most files beside the model that hold its tensors. Each takes a memory mapping, and Linux gives a process 65,530
     * by default.
     *
     * @return the limit
     */
    public int maxExternalFiles() {
        return settings.maxExternalFiles;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Limits that && settings.all().equals(that.settings.all());
    }

    @Override
    public int hashCode() {
        return settings.all().hashCode();
    }
}
