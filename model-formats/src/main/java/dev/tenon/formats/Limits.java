package dev.tenon.formats;

/**
 * Limits on the size of a model. A model is untrusted input: a reader checks each count before it takes memory for it.
 * A file that exceeds a limit ends in a {@link dev.tenon.error.ResourceLimitException} that names the limit.
 *
 * <p>The defaults are far above the needs of published models and far below the point where a process is harmed.
 * Readers also compare the sizes that a file claims with the bytes that it has.
 *
 * @param maxModelBytes bytes of the model file or stream, without external data. A file that is copied takes this much
 *     memory, a file that is mapped takes none
 * @param maxRecords protobuf messages, strings and list entries in one file, or nodes and members of sets of trees; four
 *     leaves or weights of leaves count as one. Each takes 64 to 256 bytes of heap. The
 *     default is one for every 256 bytes of the maximum heap, at least 100,000 and at most 16,777,216
 * @param maxNodes nodes in one file, including those of subgraphs and functions
 * @param maxTensors tensors in one file, including those of attributes
 * @param maxNesting levels of graphs in graphs, types in types and sequences in sequences, from 1 to
 *     {@value #MAX_NESTING}
 * @param maxRank dimensions of one tensor or shape
 * @param maxTensorElements elements of one tensor
 * @param maxTensorBytes bytes of one tensor
 * @param maxExpandedBytes bytes of a tensor that is sparse in the file and is made dense
 * @param maxStringBytes UTF-8 bytes of one name, documentation or metadata string. Elements of string tensors do not
 *     count
 * @param maxExternalFiles files beside the model that hold its tensors. Each takes a memory mapping, and Linux gives a
 *     process 65,530 by default
 */
public record Limits(
        long maxModelBytes,
        long maxRecords,
        long maxNodes,
        long maxTensors,
        int maxNesting,
        int maxRank,
        long maxTensorElements,
        long maxTensorBytes,
        long maxExpandedBytes,
        long maxStringBytes,
        int maxExternalFiles) {
    /** The largest {@link #maxNesting}. Readers recurse once a level, and the stack of a thread must hold that. */
    public static final int MAX_NESTING = 128;

    private static final Limits DEFAULTS = new Limits(
            1L << 36,
            Math.clamp(Runtime.getRuntime().maxMemory() / 256, 100_000L, 1L << 24),
            1_000_000,
            1_000_000,
            64,
            64,
            1L << 38,
            1L << 40,
            1L << 30,
            1L << 26,
            4096);

    /**
     * Checks that every limit is positive and {@code maxNesting} at most {@value #MAX_NESTING}.
     *
     * @throws IllegalArgumentException if one is not
     */
    public Limits {
        positive("maxModelBytes", maxModelBytes);
        positive("maxRecords", maxRecords);
        positive("maxNodes", maxNodes);
        positive("maxTensors", maxTensors);
        positive("maxNesting", maxNesting);
        positive("maxRank", maxRank);
        positive("maxTensorElements", maxTensorElements);
        positive("maxTensorBytes", maxTensorBytes);
        positive("maxExpandedBytes", maxExpandedBytes);
        positive("maxStringBytes", maxStringBytes);
        positive("maxExternalFiles", maxExternalFiles);
        if (maxNesting > MAX_NESTING) {
            throw new IllegalArgumentException("maxNesting: " + maxNesting + " is above " + MAX_NESTING);
        }
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " is not positive");
        }
    }

    /**
     * The default limits: 64 GiB for the model, 1,000,000 nodes, 1,000,000 tensors, 64 levels, 64 dimensions, 2^38
     * elements and 1 TiB for a tensor, 1 GiB for an expanded tensor, 64 MiB for a string, 4,096 external files. A
     * tensor of 1 TiB must also be there in the file.
     *
     * @return the defaults
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /**
     * These limits with another {@link #maxModelBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxModelBytes(long bytes) {
        return new Limits(
                bytes,
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

    /**
     * These limits with another {@link #maxRecords}.
     *
     * @param records the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxRecords(long records) {
        return new Limits(
                maxModelBytes,
                records,
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

    /**
     * These limits with another {@link #maxNodes}.
     *
     * @param nodes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxNodes(long nodes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                nodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxTensors}.
     *
     * @param tensors the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxTensors(long tensors) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                tensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxNesting}.
     *
     * @param levels the new limit, from 1 to {@value #MAX_NESTING}
     * @return the changed limits
     */
    public Limits withMaxNesting(int levels) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                levels,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxRank}.
     *
     * @param rank the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxRank(int rank) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                rank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxTensorElements}.
     *
     * @param elements the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxTensorElements(long elements) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                elements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxTensorBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxTensorBytes(long bytes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                bytes,
                maxExpandedBytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxExpandedBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxExpandedBytes(long bytes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                bytes,
                maxStringBytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxStringBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxStringBytes(long bytes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                bytes,
                maxExternalFiles);
    }

    /**
     * These limits with another {@link #maxExternalFiles}.
     *
     * @param files the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxExternalFiles(int files) {
        return new Limits(
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
                files);
    }
}
