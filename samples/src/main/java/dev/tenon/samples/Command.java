package dev.tenon.samples;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** A sample that the command line can run. */
public interface Command {
    /**
     * Its arguments, for people.
     *
     * @return such as {@code [--quantized] [SENTENCE…]}
     */
    String usage();

    /**
     * Runs it.
     *
     * @param args its arguments
     * @param out where it prints
     * @return the exit code
     * @throws IOException if a file can't be read
     * @throws UsageException if the arguments are wrong
     */
    int run(List<String> args, PrintStream out) throws IOException;
}
