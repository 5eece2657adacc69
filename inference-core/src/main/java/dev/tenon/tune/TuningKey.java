package dev.tenon.tune;

import dev.tenon.kernel.KernelRequest;
import dev.tenon.op.Op;
import dev.tenon.tensor.TensorType;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The key of a measurement.
 *
 * @param machine the CPU as {@link CpuDescription} describes it
 * @param threads how many threads may work on a call
 * @param kernel the kernel's id
 * @param shape the types and layouts of its operands, with a checksum of its operator's attributes
 */
public record TuningKey(String machine, int threads, String kernel, String shape) implements Comparable<TuningKey> {
    /**
     * The key of a step.
     *
     * @param machine the CPU
     * @param threads how many threads may work on a call
     * @param kernel the kernel's id
     * @param op the operator
     * @param request what the kernel was prepared for
     * @return the key
     */
    static TuningKey of(String machine, int threads, String kernel, Op op, KernelRequest request) {
        StringJoiner shape = new StringJoiner(" ");
        for (int i = 0; i < request.inputCount(); i++) {
            TensorType type = request.inputs().get(i);
            shape.add(type == null ? "_" : type + ":" + request.layout(i).id());
        }
        shape.add("->");
        for (TensorType type : request.outputs()) {
            shape.add(type == null ? "_" : type.toString());
        }
        Map<String, Object> attributes = new TreeMap<>(op.attributes().asMap());
        CRC32C checksum = new CRC32C();
        checksum.update((op.schema().qualifiedName() + attributes).getBytes(StandardCharsets.UTF_8));
        shape.add(Long.toHexString(checksum.getValue()));
        return new TuningKey(machine, threads, kernel, shape.toString());
    }

    @Override
    public int compareTo(TuningKey other) {
        return line().compareTo(other.line());
    }

    /** The key as it begins a line of the file. */
    String line() {
        return machine + "\t" + threads + "\t" + kernel + "\t" + shape;
    }
}
