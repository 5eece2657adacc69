package dev.tenon.benchmarks.ceiling;

/**
 * The times of the loop of {@link InstructionPeakBenchmark} in the rounds of a case.
 *
 * @param instruction the instruction of the kernel of the case; null if it is unknown and nothing is measured
 * @param core the times of the loop on one thread
 */
public record InstructionCeiling(Instruction instruction, Samples core) {
    /**
     * A ceiling without measurements.
     *
     * @param kernel the id of the kernel of the case; may be null
     */
    public static InstructionCeiling of(String kernel) {
        return new InstructionCeiling(Instruction.of(kernel), new Samples());
    }

    /** Whether the loop is measured. */
    public boolean known() {
        return instruction != null;
    }

    /** The name of the instruction; empty if it is unknown. */
    public String title() {
        return known() ? instruction.title() : "";
    }

    /**
     * The peak of one core.
     *
     * @return 10<sup>9</sup> operations per second; NaN if it was not measured
     */
    public double gigaops() {
        return known() ? gigaops(core.min()) : Double.NaN;
    }

    /**
     * The speed of a call.
     *
     * @param millis milliseconds of one call of {@link InstructionPeakBenchmark}
     * @return 10<sup>9</sup> operations per second
     */
    public double gigaops(double millis) {
        return Samples.giga(InstructionPeak.operations(instruction), millis);
    }
}
