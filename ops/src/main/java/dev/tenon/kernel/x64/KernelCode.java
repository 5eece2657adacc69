package dev.tenon.kernel.x64;

import dev.tenon.nativecode.ExecutableMemory;
import dev.tenon.nativecode.NativeFunction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The functions that were made in this process, by name. Names are made of sizes of tiles and of options, never of sizes of
 * problems, so their number is bounded. A function is never given back. Thread-safe.
 */
public final class KernelCode {
    private static final Map<String, NativeFunction> MADE = new ConcurrentHashMap<>();

    private KernelCode() {}

    /**
     * A function.
     *
     * @param id its name
     * @param generator makes its bytes, if it was not made before
     * @return the function
     * @throws dev.tenon.nativecode.CodeRefusedException if the system does not take code any more
     */
    public static NativeFunction of(String id, Supplier<byte[]> generator) {
        return MADE.computeIfAbsent(id, name -> ExecutableMemory.publish(generator.get()));
    }
}
