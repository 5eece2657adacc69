package dev.tenon.samples;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** A sample that the command line can run. */
public interface Command {
    /**
     * Describes the command: for its help, and to parse its arguments.
     *
     * @return a new usage
     */
    Usage usage();

    /**
     * Runs the command.
     *
     * @param args the arguments, which do not ask for the help
     * @param out receives the output
     * @return the exit code
     * @throws IOException if a file cannot be read
     * @throws UsageException if the arguments are wrong
     */
    int run(List<String> args, PrintStream out) throws IOException;
}
