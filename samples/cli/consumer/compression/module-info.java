/** A program with the compression of Tenon on its module path. */
module dev.tenon.consumer.compression {
    requires dev.tenon.compression;
}
