/** Tests of the statistics that calibration keeps. */
package dev.tenon.compression.calibrate;
