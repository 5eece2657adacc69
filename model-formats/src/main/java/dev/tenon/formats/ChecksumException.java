package dev.tenon.formats;

/**
 * A file has other bytes than those whose checksum the caller or the server states: it is damaged, incomplete, another version, or
 * was tampered with.
 */
public class ChecksumException extends MalformedModelException {
    private static final long serialVersionUID = 1L;

    /**
     * Says which checksums differ.
     *
     * @param thing the file
     * @param found the checksum of its bytes, in hexadecimal digits
     * @param expected the checksum that was expected
     */
    public ChecksumException(String thing, String found, String expected) {
        super(
                thing,
                "the checksum " + found,
                expected,
                "get the file again from where it is published, and compare the checksum with the one stated there");
    }
}
